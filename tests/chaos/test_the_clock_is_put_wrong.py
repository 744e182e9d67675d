"""The clock of a running installation is put back, or forwards by a year, and right again.

Of the database alone, as where it lies on a machine of its own; and of the whole machine: then every process of the
product is given the wrong time (tests/support/wall_clock.c). None is started again unless the test says so.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support.caller import Caller, intact, says
from tests.support.clocks import make_shiftable, shift, shift_wall, wall_clock
from tests.support.installation import Installation, installed, until
from tests.support.killing import victims
from tests.support.load import tenant

pytestmark = [pytest.mark.long, pytest.mark.optional]
WINDOW_AGE_S = 2
QUIET_S = 4 * WINDOW_AGE_S
Put = Callable[[str], None]


class Clocks:
    """Puts the clocks of an installation by an interval (`1 year`), from now on; `0` puts them right."""

    def __init__(self, where: Installation, wall: Path) -> None:
        self.where, self.wall = where, wall

    def database(self, by: str) -> None:
        shift(self.where.clone.admin_url, by)

    def machine(self, by: str) -> None:
        """The database's server has the machine's clock, too."""
        amount, _, unit = by.partition(" ")
        hours = int(amount) * {"": 0, "hour": 1, "year": 365 * 24}[unit]
        shift_wall(self.wall, hours * 3_600)
        shift(self.where.clone.admin_url, f"{hours} hours")


@pytest.fixture(scope="module")
def clocks() -> Iterator[Clocks]:
    with tempfile.TemporaryDirectory() as home:
        wall = Path(home) / "wall"
        library = wall_clock(Path(home), wall)
        with installed(LD_PRELOAD=str(library), WALL_CLOCK_FILE=str(wall)) as where:
            make_shiftable(where.clone.admin_url)
            yield Clocks(where, wall)


@pytest.fixture(scope="module")
def callers(clocks: Clocks) -> Callable[[str], Caller]:
    names = [f"{whose}-{what}" for whose in ("database", "machine") for what in ("year", "back", "hour", "process")]
    until(lambda: clocks.where.ready().get("status") == 200, clocks.where.tail)
    token, streams = tenant(clocks.where, *names, window_age=WINDOW_AGE_S)
    made = {one.name: Caller(clocks.where, token, one) for one in streams}
    return made.__getitem__


@contextmanager
def wrong(put: Put, by: str) -> Iterator[None]:
    put(by)
    try:
        yield
    finally:
        put("0")


def checkpoints(caller: Caller) -> int:
    status, told = caller.about("GET", "checkpoints/")
    return len(told["items"]) if status == 200 else 0


def document(caller: Caller) -> dict[str, bytes]:
    """What the head guard holds of all streams."""
    return {path.name: path.read_bytes() for path in caller.where.guard.glob("*.json")}


def window_closes_by_itself(caller: Caller, event_id: str) -> None:
    """The scheduler has it closed by age; nobody asks for it."""
    before = checkpoints(caller)
    caller.appended(event_id)
    until(lambda: checkpoints(caller) > before, lambda: f"a window closed by age\n{caller.where.tail()}")


def nothing_is_promised(caller: Caller) -> None:
    """Append and seal are refused, the workers seal nothing, and the guard learns nothing, for a good while."""
    size, notes, held = caller.size(), checkpoints(caller), document(caller)
    caller.refused("clock")
    end = time.monotonic() + QUIET_S
    while time.monotonic() < end:
        assert caller.append("again and again")[1].get("code") == "clock"
        time.sleep(0.5)
    assert (caller.size(), checkpoints(caller)) == (size, notes)
    mine = {name: data for name, data in document(caller).items() if caller.stream.origin.encode() in data}
    assert mine == {name: data for name, data in held.items() if caller.stream.origin.encode() in data}
    assert caller.about("GET", "events/1/")[0] == 200


def goes_on(caller: Caller) -> None:
    """By itself: events are taken, their windows closed by age, and all is one history."""
    window_closes_by_itself(caller, "after")
    caller.where.await_ready()
    intact_soon(caller)


def intact_soon(caller: Caller) -> None:
    """Once the window of what was appended last is closed."""
    until(lambda: caller.seal()[1].get("sealed") is False, lambda: str(caller.seal()))
    intact(caller)


@pytest.mark.parametrize("by", ["1 year", "-1 year", "-1 hour"])
@pytest.mark.parametrize("whose", ["database", "machine"])
def test_a_clock_that_is_wrong_promises_nothing_and_all_goes_on_when_it_is_right(
    clocks: Clocks, callers: Callable[[str], Caller], whose: str, by: str
) -> None:
    caller = callers(f"{whose}-{({'1 year': 'year', '-1 year': 'back', '-1 hour': 'hour'})[by]}")
    window_closes_by_itself(caller, "before")
    assert caller.append("waits for its window")[0] == 201
    with wrong(getattr(clocks, whose), by):
        nothing_is_promised(caller)
        if (whose, by) == ("database", "1 year"):
            says(caller, "clock", "fail", "")
    goes_on(caller)


@pytest.mark.parametrize("whose", ["database", "machine"])
def test_a_process_that_starts_in_the_wrong_year_takes_nothing_either(
    clocks: Clocks, callers: Callable[[str], Caller], whose: str
) -> None:
    caller = callers(f"{whose}-process")
    window_closes_by_itself(caller, "before")
    with wrong(getattr(clocks, whose), "1 year"):
        killed_and_started_again(caller)
        nothing_is_promised(caller)
    goes_on(caller)


def killed_and_started_again(caller: Caller) -> None:
    """Web server, workers and scheduler, by SIGKILL; the supervisor starts them again."""
    for kind in ("web server", "task worker", "scheduler"):
        found = victims(caller.where, kind)
        for process in found:
            process.kill()
        psutil.wait_procs(found, timeout=10)
    until(lambda: caller.about("GET", "")[0] == 200, caller.where.tail)
