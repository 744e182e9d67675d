"""Work spread over the cores of a machine, for what leaves the interpreter while it computes (libsodium does)."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 4
"""Tasks for each thread that are taken before the oldest result is given back."""


def in_threads(work: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
    """As `map`: results in the order of `tasks`, worked out by a thread for each core; few tasks are held at a time."""
    cores = os.cpu_count() or 1
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(cores) as pool:
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > cores * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
