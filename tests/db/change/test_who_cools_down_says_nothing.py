"""For a day after a reset, and while their key is too young, people sign nothing: no approval, and no other word."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest

from governance.change.actions.advance import carry_out_ready
from governance.change.actions.revert import draft_revert
from governance.change.core.policy import Policy, Tier
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.models import Person, PersonKey
from tests.support.clones import Clone
from tests.support.governed import POLICY, World, refused, rule, world
from tests.support.people import planted_key
from tests.support.world import moment

pytestmark = pytest.mark.db
DAY = 86_400
RULES = Policy((*POLICY.rules, rule("freeze", tier=Tier.EMERGENCY, lock_s=0)))
COOLING = Policy(tuple(dataclasses.replace(one, cool_down_s=DAY, lock_s=0) for one in RULES.rules))


@pytest.fixture
def it(ledger_db: Clone) -> World:
    """Everybody's key is two days old, and the policy lets keys rest for one."""
    made = world(COOLING)
    made.pass_time(2 * DAY)
    return made


def barred(it: World, who: str) -> None:
    Person.objects.filter(pk=it[who].row.pk).update(barred_until=it.now + timedelta(days=1))


def young(it: World, who: str) -> None:
    row, private = planted_key(it[who].row, since=None)
    PersonKey.objects.filter(pk=row.pk).update(state="active", since=0, active_from=it.now)
    it[who].kid, it[who].private = row.kid, private


def ready(it: World) -> Change:
    return it.approved(it.in_review())


def emergency(it: World) -> Change:
    body = {"incident": "leak", "type": "tenant.state", "body": it.suspend}
    return it.draft("emergency.apply", body)


def declared(it: World) -> Change:
    return it.say(emergency(it), Verb.EMERGENCY, "fay")


def way_back(it: World) -> Change:
    row = it.say(ready(it), Verb.EXECUTE, "fay")
    return draft_revert(row.key, "It was wrong.", by=it["fay"].principal(it.now), at=moment(it.now))


def freezing(it: World) -> Change:
    return it.draft("freeze", {"scope": "platform", "reason": "Odd."})


WORDS: list[tuple[Verb, str, Callable[[World], Change]]] = [
    (Verb.EXECUTE, "eva", ready), (Verb.VETO, "eva", ready), (Verb.REJECT, "dov", ready),
    (Verb.REVOKE_APPROVAL, "cyd", ready), (Verb.REVERT, "eva", way_back), (Verb.FREEZE, "eva", freezing),
    (Verb.EMERGENCY, "eva", emergency), (Verb.ACKNOWLEDGE_EMERGENCY, "ben", declared),
]  # fmt: skip


@pytest.mark.parametrize("cools", [barred, young])
@pytest.mark.parametrize(("verb", "who", "made"), WORDS)
def test_no_word_is_taken(
    it: World, verb: Verb, who: str, made: Callable[[World], Change], cools: Callable[[World, str], None]
) -> None:
    row = made(it)
    cools(it, who)
    with refused("person_cools_down"):
        it.say(row, verb, who)


def test_a_word_in_advance_does_not_count_while_its_signer_is_barred(it: World) -> None:
    row = ready(it)
    it.pass_time(5)
    it.say(row, Verb.EXECUTE, "eva", advance=True)
    barred(it, "eva")
    it.pass_time(60)
    assert carry_out_ready(at=moment(it.now)) == (0, 1)


def test_a_declaration_does_not_count_while_its_signer_is_barred(it: World) -> None:
    row = declared(it)
    barred(it, "fay")
    with refused("quorum_missing"):
        it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "ben")
