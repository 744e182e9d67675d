"""Answers of an append: leaf, salts and receipt of each event, from memory where it is new, derived again
where not.

Receipts are made here and only here on the way of an append: after the commit, after the head guard was told,
and outside the stream's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.core.dsse import Envelope as Dsse
from ledger.core.types import Hash
from ledger.errors import PayloadErased
from ledger.selectors import leaves as stored
from ledger.selectors.receipts import derived, receipts_of
from ledger.selectors.streams import StreamView
from ledger.services.group import Slot

ROLES = 2


@dataclass(slots=True)
class Placed:
    """An event in its place; `replayed` where it was there before, `salts` by role (`attrs`, `payload`)."""

    index: int
    leaf: bytes
    leaf_hash: Hash
    salts: dict[str, bytes]
    replayed: bool


@dataclass(slots=True)
class Appended(Placed):
    """A committed event with its receipt."""

    receipt: Dsse


def placed(stream: StreamView, slots: Sequence[Slot]) -> tuple[Placed, ...]:
    """What can be said before the commit; raises PayloadErased where a replayed event has lost a salt."""
    old = [slot.index for slot in slots if slot.leaf is None]
    views, objects = (stored.leaves_at(stream, old), stored.objects_at(stream, old)) if old else ({}, {})
    answers = []
    for place, slot in enumerate(slots):
        if slot.leaf is not None and slot.draft is not None:
            salts = {"attrs": slot.draft.salts.attrs, "payload": slot.draft.salts.payload}
            answers.append(Placed(slot.index, slot.leaf.raw, slot.leaf.leaf_hash, salts, slot.replayed))
        else:
            view, salts = views[slot.index], _salts(objects.get(slot.index, (None, None)), place)
            answers.append(Placed(slot.index, view.bytes, view.hash, salts, slot.replayed))
    return tuple(answers)


def receipted(stream: StreamView, slots: Sequence[Slot], promised: int) -> tuple[Appended, ...]:
    """The whole answer, in the order of the request, once the guard was told that leaves below `promised` may
    be receipted; raises PayloadErased, KeyUnusable.
    """
    answers = placed(stream, slots)
    receipts = _receipts(stream, slots, promised)
    return tuple(
        Appended(one.index, one.leaf, one.leaf_hash, one.salts, one.replayed, receipts[one.index]) for one in answers
    )


def _receipts(stream: StreamView, slots: Sequence[Slot], promised: int) -> dict[int, Dsse]:
    new = {slot.index: (slot.leaf, slot.kid) for slot in slots if slot.leaf is not None and slot.kid is not None}
    made = dict(zip(new, derived(stream, new.values()), strict=True))
    old = {slot.index for slot in slots} - new.keys()
    if old:
        views = stored.leaves_at(stream, sorted(old))
        made |= dict(zip(views, receipts_of(stream, list(views.values()), promised), strict=True))
    return made


def _salts(objects: tuple[stored.ObjectView | None, stored.ObjectView | None], place: int) -> dict[str, bytes]:
    found = {role: held.salt for role, held in zip(("attrs", "payload"), objects, strict=True) if held is not None}
    if len(found) != ROLES:
        raise PayloadErased("The event was recorded, and its content erased", path=f"$[{place}]")
    return found
