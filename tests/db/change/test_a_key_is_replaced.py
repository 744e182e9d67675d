"""A rotation takes three sides: the new key's proof, the people of the rule, and the word of the key that goes."""

from __future__ import annotations

from typing import Any

import pytest

from governance.change.actions.advance import carry_out_ready
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.core.person_keys import KeyUse
from governance.identity.models import PersonKey
from tests.support.clones import Clone
from tests.support.governed import Somebody, World, refused, world
from tests.support.people import planted_key, registered
from tests.support.world import moment

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def body(it: World, key: PersonKey) -> dict[str, Any]:
    assert key.replaces is not None
    return {
        "person": str(it["cyd"].row.public_id), "kid": key.kid, "public": bytes(key.public).hex(),
        "custody": key.custody, "use": key.use, "replaces": key.replaces.kid,
    }  # fmt: skip


def in_review(it: World, **more: Any) -> tuple[Change, PersonKey]:
    """cyd has registered another key, and ada proposes that it takes the old one's place."""
    key, _ = registered(it["cyd"].row, **{"replaces": it["cyd"].kid, **more})
    return it.in_review("key.rotate", body(it, key)), key


def ready(it: World) -> tuple[Change, PersonKey]:
    row, key = in_review(it)
    row = it.approved(row, "ben", "dov")
    it.pass_time(3_601)
    return row, key


def test_the_old_key_signs_and_the_new_one_takes_its_place(it: World) -> None:
    row, key = ready(it)
    assert it.say(row, Verb.ROTATE_KEY, "cyd").state == "timelocked"
    assert it.say(row, Verb.EXECUTE, "eva").state == "applied"
    old, new = (PersonKey.objects.get(kid=one) for one in (it["cyd"].kid, key.kid))
    assert (old.state, new.state, old.until) == ("revoked", "active", new.since)


def test_without_the_old_keys_word_nothing_is_replaced(it: World) -> None:
    row, key = ready(it)
    with refused("old_key_missing"):
        it.say(row, Verb.EXECUTE, "eva")
    assert PersonKey.objects.get(kid=key.kid).state == "pending"
    it.say(row, Verb.ROTATE_KEY, "cyd")
    assert it.say(row, Verb.EXECUTE, "eva").state == "applied"


def test_nor_is_it_carried_out_in_advance(it: World) -> None:
    row, _ = in_review(it)
    row = it.approved(row, "ben", "dov")
    it.pass_time(5)
    it.say(row, Verb.EXECUTE, "eva", advance=True)
    it.pass_time(3_601)
    assert carry_out_ready(at=moment(it.now)) == (0, 1)
    it.say(row, Verb.ROTATE_KEY, "cyd")
    assert carry_out_ready(at=moment(it.now)) == (1, 0)


def test_an_edit_voids_the_old_keys_word_with_every_other(it: World) -> None:
    from governance.change.actions.edit import edit_change  # noqa: PLC0415 - used once

    row, key = in_review(it)
    it.say(row, Verb.ROTATE_KEY, "cyd")
    edit_change(row.key, body(it, key), "Anew.", revision=1, by=it["ada"].principal(it.now), at=moment(it.now))
    row.refresh_from_db()
    it.approved(row, "ben", "dov")
    it.pass_time(3_601)
    with refused("old_key_missing"):
        it.say(row, Verb.EXECUTE, "eva")


def test_nobody_else_hands_it_over_and_no_other_key(it: World) -> None:
    row, _ = in_review(it)
    with refused("key_not_valid"):
        it.say(row, Verb.ROTATE_KEY, "ben")
    second, private = planted_key(it["cyd"].row)
    it.people["cyd by another"] = Somebody(it["cyd"].row, second.kid, private, it["cyd"].role)
    with refused("key_not_valid"):
        it.say(row, Verb.ROTATE_KEY, "cyd by another")


def test_it_is_said_once_and_of_a_rotation_alone(it: World) -> None:
    row, _ = in_review(it)
    it.say(row, Verb.ROTATE_KEY, "cyd")
    with refused("already_said"):
        it.say(row, Verb.ROTATE_KEY, "cyd")
    with refused("change_state"):
        it.say(it.in_review(), Verb.ROTATE_KEY, "cyd")


def test_a_lost_key_is_revoked_and_replaces_nothing(it: World) -> None:
    row, _ = ready(it)
    it.say(row, Verb.ROTATE_KEY, "cyd")
    old = PersonKey.objects.get(kid=it["cyd"].kid)
    PersonKey.objects.filter(pk=old.pk).update(state="revoked", until=1, revoked_at=it.now)
    with refused("change_stale"):
        it.say(row, Verb.EXECUTE, "eva")


def test_a_native_key_that_signs_no_statements_is_spoken_for_by_a_decision_key(it: World) -> None:
    old, _ = planted_key(it["cyd"].row, use=KeyUse.NATIVE)
    key, _ = registered(it["cyd"].row, use=KeyUse.NATIVE, replaces=old.kid)
    row = it.approved(it.in_review("key.rotate", body(it, key)), "ben", "dov")
    it.pass_time(3_601)
    with refused("old_key_missing"):
        it.say(row, Verb.EXECUTE, "eva")
    it.say(row, Verb.ROTATE_KEY, "cyd")
    assert it.say(row, Verb.EXECUTE, "eva").state == "applied"
