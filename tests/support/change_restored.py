"""A founded deployment of tests, as it was before a history of changes ran over it."""

from __future__ import annotations

import pytest

from governance.change.core.verbs import Verb
from governance.change.models import Change, Freeze
from governance.identity.models import GroupMember, Person
from ledger.errors import RequestError
from ledger.selectors.leaves import EventFilter, event, events_in
from ledger.selectors.streams import stream
from tests.support.change_truth import Truth
from tests.support.governed import CAST, World, payload_of
from tests.support.people import planted_key


def as_they_were_cast(it: World, truth: Truth) -> None:
    """Nothing is frozen, and everybody has account, place and key again."""
    Freeze.objects.filter(lifted__isnull=True).update(lifted=it.now, lifted_decision="restored")
    for name, person in truth.people.items():
        one = it[name]
        Person.objects.filter(pk=one.row.pk).update(is_active=True)
        if not person.approves and CAST[name][1]:
            for group in CAST[name][1]:
                GroupMember.objects.create(person=one.row, group_id=group, created=it.now)
        if not person.has_key:
            key, one.private = planted_key(one.row)
            one.kid = key.kid


def steps_with_their_event(row: Change) -> int:
    """I9: from nothing on, each event of a change begins where the one before ended, and the last one where the row
    stands; returns how many steps there were.
    """
    log = stream("_governance", "changes")
    rows = events_in(log, None, 500, EventFilter(subject=row.key))
    told = [payload_of(event(log, one.index).payload) for one in sorted(rows, key=lambda one: one.index)]
    assert [one["from"] for one in told] == [None, *(one["to"] for one in told[:-1])]
    assert told[-1]["to"] == row.state
    return sum(one["from"] != one["to"] for one in told)


def ends_as_failed(it: World, able: list[str]) -> str:
    """A grant whose role excludes what fay holds by identity's own rule: approved by `able`, refused when applied."""
    fay = str(it["fay"].row.public_id)
    body = {"person": fay, "role": "platform_operator", "tenant": None, "expires": None, "group": None}
    it.pass_time(1)
    row = it.in_review("role.grant", body)
    for one in able:
        row = it.say(row, Verb.APPROVE, one)
    it.pass_time(1)
    with pytest.raises(RequestError):
        it.say(row, Verb.EXECUTE, "eva")
    row.refresh_from_db()
    return row.state


def said_again(it: World, row: Change) -> int:
    """Hand every word over a change in once more: none is taken (I21), nothing moves; returns how many there were."""
    live = {*Person.objects.filter(is_active=True).values_list("pk", flat=True)}
    names = {one.id: name for name, one in it.people.items() if one.row.pk in live}
    tried = [one for one in row.words.order_by("index") if one.person in names]
    before = Change.objects.values("state", "revision", "index").get(pk=row.pk)
    for one in tried:
        with pytest.raises(RequestError):
            it.hand_in(row, bytes(one.envelope), names[one.person])
    assert Change.objects.values("state", "revision", "index").get(pk=row.pk) == before, "a word was taken twice"
    return len(tried)
