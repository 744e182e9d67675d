"""Work spread over the cores of a machine in processes of their own, where the system lets a process fork.

Guarantees the results of a plain `map`, in its order: what a child that ended had not answered is worked out here, and
where no child can be had, threads do it (verify_threads.py). Children end with this process, however it ends.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from ledger.verify_threads import in_threads

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD: Final = 4
"""Tasks for each child that are taken before the oldest result is given back."""
_HELD: Final = 2
"""Tasks that a child has been sent: the one it works on, and the next, which must fit into the line's buffer."""


def in_processes(work: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
    """As `map`: results in the order of `tasks`, worked out by a process for each core; few tasks are held at a time.

    Results must be small (some kilobytes). Few tasks are worked out here: a child costs more than they do.
    """
    cores, given = os.cpu_count() or 1, iter(tasks)
    few = list(islice(given, cores))
    if len(few) < cores or cores == 1:
        yield from map(work, chain(few, given))
        return
    children = _children(work, cores)
    spread = _Spread(work, children).results if children else lambda rest: in_threads(work, rest)
    try:
        yield from spread(chain(few, given))
    finally:
        for child in children:
            child.end()


class _Spread:
    """Tasks under way: who has them, and which are answered."""

    def __init__(self, work: Callable[[Any], Any], children: list[_Child]) -> None:
        self._work, self._children = work, children
        self._most = len(children) * _AHEAD
        self._waiting: deque[_Piece] = deque()
        self._unsent: deque[_Piece] = deque()

    def results(self, tasks: Iterable[Any]) -> Iterator[Any]:
        """The result of each task, in order."""
        for task in tasks:
            piece = _Piece(task)
            self._waiting.append(piece)
            self._unsent.append(piece)
            self._send()
            while len(self._waiting) >= self._most:
                yield self._oldest()
        while self._waiting:
            yield self._oldest()

    def _oldest(self) -> Any:
        piece = self._waiting[0]
        while not piece.answered:
            self._hear()
            self._send()
        self._waiting.popleft()
        if isinstance(piece.result, _Failed):
            raise piece.result.error
        return piece.result

    def _send(self) -> None:
        """Give the children what they lack; without children all that is left is worked out here."""
        while self._unsent and (free := [one for one in self._children if one.alive and len(one.pieces) < _HELD]):
            min(free, key=lambda one: len(one.pieces)).take(self._unsent.popleft())
        if not any(one.alive for one in self._children):
            while self._unsent:
                self._unsent.popleft().do(self._work)

    def _hear(self) -> None:
        """Wait for an answer; the tasks of a child that ended are worked out here."""
        from multiprocessing.connection import wait  # noqa: PLC0415  where there are children, there is this

        busy = {one.line: one for one in self._children if one.alive and one.pieces}
        for line in wait(list(busy)):
            for piece in busy[line].hear():  # type: ignore[index]  # only lines of children are waited for
                piece.do(self._work)


class _Piece:
    """One task and, once there is one, its answer."""

    def __init__(self, task: Any) -> None:
        self.task, self.result, self.answered = task, None, False

    def answer(self, result: Any) -> None:
        """Keep the result; the task is not needed any more."""
        self.task, self.result, self.answered = None, result, True

    def do(self, work: Callable[[Any], Any]) -> None:
        """Work it out here."""
        self.answer(_tried(work, self.task))


class _Failed:
    """An error in place of a result."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Child:
    """A process that works on one task after the other."""

    def __init__(self, work: Callable[[Any], Any], others: list[_Child]) -> None:
        from multiprocessing import Pipe  # noqa: PLC0415  some systems lack it

        self.line, theirs = Pipe()
        self.pieces: deque[_Piece] = deque()
        self.alive = True
        self.pid = os.fork()
        if not self.pid:
            _serve(work, theirs, [one.line for one in (self, *others)])
        theirs.close()

    def take(self, piece: _Piece) -> None:
        """Send a task."""
        self.pieces.append(piece)
        try:
            self.line.send(piece.task)
        except OSError:
            return  # it has ended; `hear` finds out

    def hear(self) -> list[_Piece]:
        """Take one answer; returns what stays unanswered where the process has ended."""
        try:
            result = self.line.recv()
        except (EOFError, OSError):
            self.alive = False
            left, self.pieces = list(self.pieces), deque()
            return left
        self.pieces.popleft().answer(result)
        return []

    def end(self) -> None:
        """End the process."""
        self.line.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _children(work: Callable[[Any], Any], count: int) -> list[_Child]:
    """Processes that know `work`; none where the system has no safe way to fork."""
    children: list[_Child] = []
    if sys.platform != "linux":
        return children
    try:
        for _ in range(count):
            children.append(_Child(work, children))
    except (ImportError, OSError):
        return children
    return children


def _serve(work: Callable[[Any], Any], line: Connection, others: list[Connection]) -> NoReturn:
    """What a child does until its parent has gone; `others` are the parent's ends of this line and of those before."""
    try:
        # An end that stays open here would keep its child waiting for a parent that is no more.
        for one in others:
            one.close()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            line.send(_tried(work, line.recv()))
    finally:
        os._exit(0)


def _tried(work: Callable[[Any], Any], task: Any) -> Any:
    try:
        return work(task)
    except Exception as error:  # noqa: BLE001  raised again where the result is asked for
        return _Failed(error)
