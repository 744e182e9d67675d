"""Clocks for contenders: calls in a row, and calls in threads. Used by our processes and by the peers'."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def rate_of(call: Callable[[], object], times: int) -> float:
    """Calls a second over `times` calls in a row."""
    begun = time.perf_counter()
    for _ in range(times):
        call()
    return times / (time.perf_counter() - begun)


def at_once(call: Callable[[bool], object], threads: int, seconds: float) -> float:
    """Calls a second that `threads` threads end within `seconds`; each calls once with True at its end.

    Each thread calls once before the clock starts, so that its connection is there.
    """
    ready = threading.Barrier(threads + 1)
    stop = threading.Event()
    done = [0] * threads
    failures: list[BaseException] = []

    def work(place: int) -> None:
        try:
            call(False)
            ready.wait()
            while not stop.is_set():
                call(False)
                done[place] += 1
        except BaseException as failure:  # noqa: BLE001  told by the main thread
            failures.append(failure)
            ready.abort()
        finally:
            call(True)

    workers = [threading.Thread(target=work, args=(place,), daemon=True) for place in range(threads)]
    for worker in workers:
        worker.start()
    reached = _watched(ready, done, seconds, failures)
    stop.set()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]
    return reached


def _watched(ready: threading.Barrier, done: list[int], seconds: float, failures: list[BaseException]) -> float:
    try:
        ready.wait()
    except threading.BrokenBarrierError:
        raise failures[0] from None
    begun = time.perf_counter()
    time.sleep(seconds)
    return sum(done) / (time.perf_counter() - begun)
