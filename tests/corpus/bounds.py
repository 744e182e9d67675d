"""What bounds decisions beside their quorum: cumulative caps, and keys that are replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from governance.change.core.policy import Cap
from governance.change.core.verbs import Verb
from ledger.core.keys import kid_of
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Mutation
from tests.corpus.decisions import case, export
from tests.corpus.governed import IDS, ORIGIN, Change, Record, founded, key_json, kid, proposal, rule
from tests.corpus.keys import Key

MUTATIONS: list[Mutation] = []
INVALID = "decision_invalid"
LOG = "demo.localhost/log/acme/decisions"
DAY = 86_400
CAPPED = replace(rule(), caps=(Cap("payload_days", 50, DAY),))
NEW = Key("new decisions of cyd")
NEW_KID = kid_of("decision", ORIGIN, NEW.public)
ONE = replace(rule(count=1), lock_s=0)


def carried_out(change: Change) -> Change:
    change.submitted()
    change.executed([change.approved("ben"), change.approved("cyd", "timelocked")])
    return change


def kept(record: Record, number: int, before: int | None, after: int | None, **more: Any) -> Change:
    """Payloads are kept for `after` days from now on, `before` until then."""
    documents: list[JSONObject] = [{"attrs_days": None, "payload_days": days} for days in (before, after)]
    return proposal(
        record, number, kind="stream.retention", subject=f"stream:{LOG}/retention",
        body={"stream": LOG, **documents[1]}, base=documents[0], result=documents[1], **more,
    )  # fmt: skip


def steps(*days: int | None, pause: int = 0) -> Callable[[], bytes]:
    """Retention that goes through these numbers of days, with `pause` minutes between."""

    def build() -> bytes:
        record = founded(made=CAPPED)
        for number, (before, after) in enumerate(pairwise(days), 1):
            carried_out(kept(record, number, before, after))
            record.minute += pause
        return export(record)

    return build


def taken_back(cap: int) -> bytes:
    """A step and its declared way back, which is held by the cap too, and not against itself."""
    record = founded(made=replace(CAPPED, caps=(Cap("payload_days", cap, DAY),)))
    carried_out(kept(record, 2, 385, 365))
    back: JSONObject = {"type": "stream.retention", "body": {"stream": LOG, "attrs_days": None, "payload_days": 365}}
    first = carried_out(kept(record, 1, 365, 340, way_back=back))
    change = kept(record, 9, 340, 365, direction="loosens", reverts=first.id).submitted()
    record.step(
        "change:effect:reverted", change, "applied", "eva", execution=change.word(Verb.REVERT, "eva"), reverts=first.id,
        executor=f"person:{IDS['eva']}", **change.facts([]),
    )  # fmt: skip
    return export(record)


def rotation(record: Record, number: int = 1, goes: str = kid("cyd"), *beside: JSON) -> Change:
    """A new key takes the place of the key `goes` of cyd, who holds the keys `beside` it too."""
    new: JSONObject = {"custody": "offline", "kid": NEW_KID, "public": NEW.public.hex(), "use": "decision"}
    held: list[JSON] = [key_json("cyd"), *beside]
    return proposal(
        record, number, kind="key.rotate", subject=f"person:{IDS['cyd']}/keys", direction="loosens",
        body={"person": IDS["cyd"], **new, "replaces": goes}, base={"keys": held},
        result={"keys": [one for one in held if not isinstance(one, dict) or one["kid"] != goes] + [new]},
    )  # fmt: skip


def handed_over(change: Change, who: str = "cyd", **changes: Any) -> None:
    change.record.step(
        "change:word:key_handed_over", change, "timelocked", who, **change.word(Verb.ROTATE_KEY, who, **changes)
    )  # fmt: skip


def rotated(record: Record, hand_over: Callable[[Change], None] = handed_over) -> None:
    """Proposed, approved by ben, signed by the key that goes, and carried out."""
    change = rotation(record).submitted()
    words = [change.approved("ben", "timelocked")]
    hand_over(change)
    change.executed(words)


def replaced(hand_over: Callable[[Change], None] = handed_over) -> Callable[[], bytes]:
    def build() -> bytes:
        record = founded(made=ONE)
        rotated(record, hand_over)
        return export(record)

    return build


def by_a_second_key() -> bytes:
    """cyd holds two keys; the one that stays signs that the other one goes."""
    other: JSONObject = {**key_json("cyd"), "kid": "ab" * 16, "public": Key("second of cyd").public.hex()}
    record = founded(made=ONE, keys=lambda name: [key_json(name), *([other] if name == "cyd" else [])])
    change = rotation(record, 1, "ab" * 16, other).submitted()
    words = [change.approved("ben", "timelocked")]
    handed_over(change)
    change.executed(words)
    return export(record)


def nothing(_: Change) -> None:
    """The key that goes says nothing."""


def by_another(change: Change) -> None:
    handed_over(change, "ann")


def over_another_text(change: Change) -> None:
    handed_over(change, base={"keys": []})


def by_the_new_key(change: Change) -> None:
    handed_over(change, key=NEW, kid=NEW_KID)


def approved_by(key: dict[str, Any], *, early: bool = False) -> Callable[[], bytes]:
    """A change that cyd alone approves with this key, after the rotation (`early`: before it)."""

    def build() -> bytes:
        record = founded(made=ONE)
        change = proposal(record, 2)
        words: list[int] = []
        if early:
            words = [change.submitted().approved("cyd", "timelocked", **key)]
        rotated(record)
        if not early:
            words = [change.submitted().approved("cyd", "timelocked", **key)]
        change.executed(words)
        return export(record)

    return build


NEW_KEY: dict[str, Any] = {"key": NEW, "kid": NEW_KID}


def given_up_by_nobody() -> bytes:
    """A key ends, and the event does not say which."""
    record = founded()
    record.event("identity:person_key:revoked", {"person": IDS["ben"]}, IDS["ben"])
    return export(record)


CASES: list[Case] = [
    case("cap-kept", "Two steps that add up to no more than the cap.", steps(365, 340, 315)),
    case("cap-exceeded", "Two steps that add up to more than the cap.", steps(365, 340, 314), INVALID),
    case("cap-at-once", "One step beyond the cap.", steps(365, 300), INVALID),
    case("cap-to-and-fro", "A step and its opposite add up: both were taken.", steps(365, 335, 365), INVALID),
    case("cap-of-another-day", "Steps of another day do not add up.", steps(365, 340, 310, pause=24 * 60),
         days=9),
    case("cap-for-ever", "From for ever to a number is no small step.", steps(None, 364), INVALID),
    case("cap-way-back", "A way back is not held against the step that it takes back.", lambda: taken_back(45)),
    case("cap-way-back-exceeded", "A way back that exceeds the cap with a step before.", lambda: taken_back(44),
         INVALID),
    case("key-rotated", "A key is replaced, with its own word.", replaced()),
    case("key-rotated-unasked", "The key that is replaced has not signed.", replaced(nothing), INVALID),
    case("key-rotated-by-another", "Somebody else signed that the key goes.", replaced(by_another), INVALID),
    case("key-rotated-otherwise", "The key that goes signed another text.", replaced(over_another_text), INVALID),
    case("key-rotated-by-itself", "The new key signed that the old one goes.", replaced(by_the_new_key), INVALID),
    case("key-rotated-by-a-second", "Another key of the same person signed that the key goes.", by_a_second_key,
         INVALID),
    case("key-new", "An approval by the new key after the rotation.", approved_by(NEW_KEY)),
    case("key-old", "An approval by the old key after the rotation.", approved_by({}), INVALID),
    case("key-new-too-early", "An approval by the new key before it counted.", approved_by(NEW_KEY, early=True),
         INVALID),
    case("key-old-before", "An approval by the old key that counted then, and no more at the execution.",
         approved_by({}, early=True), INVALID),
    case("key-given-up-unnamed", "An event that says whose key ended, and not which one.", given_up_by_nobody, INVALID),
]  # fmt: skip
