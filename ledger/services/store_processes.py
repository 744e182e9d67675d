"""Segments shared among processes, each with a database connection of its own.

Guarantees that a process which loses its parent ends by itself at its next chunk, and that one which is killed fails
the call: finished segments stay, so that the next call goes on behind them.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import cast

from django.db import connections

from ledger.errors import VerificationInterrupted
from ledger.services.store_frozen import Frozen
from ledger.services.store_segment import Segment, Tell, verifying
from ledger.services.store_state import State


def run_segments(frozen: Frozen, state: State, numbers: Sequence[int], processes: int, tell: Tell) -> None:
    """Verify these segments; raises VerificationInterrupted where a process ended before its work."""
    share = min(processes, len(numbers))
    if share <= 1:
        for number in numbers:
            run_segment(frozen, state, number, tell)
        return
    connections.close_all()  # a connection serves one process
    with _started(frozen, state, [numbers[first::share] for first in range(share)]) as (children, ends):
        _watch(children, ends, tell)


def run_segment(frozen: Frozen, state: State, number: int, tell: Tell) -> None:
    """Verify one segment and keep what it gave."""
    segment = Segment(frozen, *state.bounds(number), verifying(frozen))
    segment.run(tell)
    state.finish(number, segment.account, bytes(segment.hashes))


@contextmanager
def _started(
    frozen: Frozen, state: State, shares: Sequence[Sequence[int]]
) -> Iterator[tuple[list[BaseProcess], list[Connection]]]:
    """Forked children inherit settings and history; whatever happens, none is left behind."""
    context = multiprocessing.get_context("fork")
    children: list[BaseProcess] = []
    ends: list[Connection] = []
    try:
        for numbers in shares:
            ours, theirs = context.Pipe(duplex=False)
            child: BaseProcess = context.Process(
                target=_work, args=(frozen, state, numbers, theirs, [*ends, ours]), daemon=True
            )
            child.start()
            theirs.close()
            children.append(child)
            ends.append(ours)
        yield children, ends
    finally:
        for child in children:
            child.terminate()
            child.join()


def _work(frozen: Frozen, state: State, numbers: Sequence[int], ours: Connection, others: Sequence[Connection]) -> None:
    """Each chunk is told to the parent; a parent that is gone breaks the pipe, which ends this process."""
    for other in others:
        other.close()
    connections.close_all()
    try:
        for number in numbers:
            run_segment(frozen, state, number, ours.send)
        ours.send(None)
    except BrokenPipeError:
        os._exit(1)


def _watch(children: Sequence[BaseProcess], ends: Sequence[Connection], tell: Tell) -> None:
    """Hear all of them until each has said that it is done."""
    working = dict(zip(ends, children, strict=True))
    while working:
        for end in cast("list[Connection]", wait(list(working))):
            try:
                done = end.recv()
            except EOFError as error:
                working[end].join()
                why = f"exit code {working[end].exitcode}"
                raise _ended(why) from error
            if done is None:
                del working[end]
            else:
                tell(done)


def _ended(why: str) -> VerificationInterrupted:
    return VerificationInterrupted("A verifying process ended before its work", why=why)
