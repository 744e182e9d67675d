"""The public property is set by an audited action: who may, what is recorded, and nothing without its record."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.utils import timezone

from governance.identity.core.principal import Principal
from governance.identity.core.roles import Role
from governance.identity.errors import NameInvalid, NotAllowed
from governance.identity.selectors.principals import principal_of_person
from governance.operations.actions import set_publicity as module
from governance.operations.actions.set_publicity import set_publicity
from ledger.errors import RequestError
from ledger.selectors.leaves import EventView, event, events_in
from ledger.selectors.publicity import PRIVATE, PublicityView, publicity
from ledger.selectors.streams import stream
from ledger.services.streams import ensure_platform
from tests.support.clones import Clone
from tests.support.world import SEED, Place, found_platform, moment, person, place

pytestmark = pytest.mark.db


@pytest.fixture
def acme(ledger_db: Clone) -> Place:
    """A tenant with a stream."""
    found_platform()
    return place("acme")


def recorded() -> list[EventView]:
    """The events of this action."""
    log = stream("_governance", "changes")
    rows = events_in(log, None, 500)
    return [event(log, row.index) for row in rows if row.type == "operations:stream:publicity_set"]


def somebody(where: Place, role: Role) -> Principal:
    at_home = where.tenant if role is not Role.PLATFORM_OPERATOR else None
    found = principal_of_person(person("x@acme.test", role, at_home), timezone.now())
    assert found is not None
    return found


def test_it_sets_what_is_given_and_records_what_holds(acme: Place) -> None:
    now = set_publicity(acme.stream, tiles=True, reason=" agreed ", by=SEED, at=moment())
    assert now == publicity("acme", "decisions") == PublicityView(tiles=True)
    set_publicity(acme.stream, entries=True, reason="asked for", by=SEED, at=moment())
    first, second = recorded()
    assert first.attrs is not None
    assert first.attrs["subject"] == str(acme.stream.public_id)
    assert first.attrs["source"] == "urn:countersign:governance:operations"
    assert json.loads(first.payload or b"") == {
        "actor": "machine:tests", "stream": "acme/decisions", "origin": acme.stream.origin,
        "tiles": True, "entries": False, "reason": "agreed",
    }  # fmt: skip
    assert json.loads(second.payload or b"")["entries"] is True


def test_an_administrator_of_the_tenant_may(acme: Place) -> None:
    by = somebody(acme, Role.TENANT_ADMIN)
    set_publicity(acme.stream, tiles=True, reason="agreed", by=by, at=moment())
    assert json.loads(recorded()[0].payload or b"")["actor"] == by.actor


@pytest.mark.parametrize("role", [Role.TENANT_DEVELOPER, Role.TENANT_VIEWER, Role.PLATFORM_OPERATOR])
def test_nobody_else_may(acme: Place, role: Role) -> None:
    with pytest.raises(NotAllowed):
        set_publicity(acme.stream, tiles=True, reason="x", by=somebody(acme, role), at=moment())
    assert (publicity("acme", "decisions"), recorded()) == (PRIVATE, [])


def test_an_administrator_of_another_tenant_may_not(acme: Place) -> None:
    by = somebody(place("other"), Role.TENANT_ADMIN)
    with pytest.raises(NotAllowed):
        set_publicity(acme.stream, tiles=True, reason="x", by=by, at=moment())
    assert recorded() == []


def test_the_platforms_own_streams_are_its_operators_business(acme: Place) -> None:
    heads = ensure_platform()[1]
    with pytest.raises(NotAllowed):
        set_publicity(heads, tiles=True, reason="x", by=somebody(acme, Role.TENANT_ADMIN), at=moment())
    operator = person("op@platform.test", Role.PLATFORM_OPERATOR, None)
    by = principal_of_person(operator, timezone.now())
    assert by is not None
    assert set_publicity(heads, tiles=True, entries=True, reason="for witnesses", by=by, at=moment()).entries


@pytest.mark.parametrize(
    "given", [{"reason": "x"}, {"tiles": True, "reason": " "}, {"tiles": True, "reason": "x" * 501}]
)
def test_it_needs_something_to_set_and_a_reason(acme: Place, given: dict[str, Any]) -> None:
    with pytest.raises(NameInvalid):
        set_publicity(acme.stream, **given, by=SEED, at=moment())
    assert recorded() == []


def test_what_is_refused_leaves_neither_row_nor_record(acme: Place) -> None:
    with pytest.raises(RequestError):
        set_publicity(acme.stream, entries=True, reason="x", by=SEED, at=moment())
    assert (publicity("acme", "decisions"), recorded()) == (PRIVATE, [])


def test_without_its_record_nothing_is_set(acme: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.SetPublicity, "record", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        set_publicity(acme.stream, tiles=True, reason="x", by=SEED, at=moment())
    assert publicity("acme", "decisions") == PRIVATE


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("stream_publish", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_does_the_same(acme: Place) -> None:
    told = json.loads(run("acme/decisions", "--tiles", "on", "--reason", "agreed", "--json"))
    assert told == {"stream": "acme/decisions", "origin": acme.stream.origin, "tiles": True, "entries": False}
    words = run("acme/decisions", "--entries", "on", "--reason", "agreed")
    assert words.strip() == "acme/decisions: tiles public, entries public. Served under /log/acme/decisions/."
    run("acme/decisions", "--tiles", "off", "--entries", "off", "--reason", "a mistake")
    assert publicity("acme", "decisions") == PRIVATE
    assert json.loads(recorded()[-1].payload or b"")["actor"] == "machine:stream_publish"


@pytest.mark.parametrize(
    "arguments",
    [
        ("acme/nothing", "--tiles", "on"),
        ("acme/decisions", "--entries", "on"),
        ("acme/decisions",),
        ("acme", "--tiles", "on"),
    ],
)
def test_the_command_refuses_in_one_line(acme: Place, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        run(*arguments, "--reason", "x")
    assert refused.value.returncode == 1
    assert "Next: " in str(refused.value)
    assert "\n" not in str(refused.value)


def test_its_help_shows_an_example() -> None:
    text = load_command_class("console", "stream_publish").create_parser("manage.py", "stream_publish").format_help()
    assert "Example:\n  ./manage.py stream_publish acme/" in text
