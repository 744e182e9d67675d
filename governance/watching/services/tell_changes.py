"""Telling people of changes: the outbox that each step wrote is emptied into notices.

Guarantees that an occasion is told once (its row is locked while it is), to people who are concerned at the moment of
telling, and that what they are told names the kind of change and people, never what a body says.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from governance.change.core.occasions import Occasion
from governance.change.models import Telling
from governance.change.types import change_type
from governance.identity.models.person import Person
from governance.identity.moment import Moment
from governance.identity.selectors.people import names_of
from governance.watching.core.hearing import HEARINGS, Hearing, Party
from governance.watching.models import MailState, Notice
from governance.watching.selectors.hearers import Hearers, page_for
from governance.watching.services.webhooks import put_on_its_way

AT_ONCE = 100
LONGEST_WHY = 2_000


def tell_changes(at: Moment) -> int:
    """Tell what waits, the oldest first; returns how many notices were written."""
    waiting = Telling.objects.filter(told__isnull=True).order_by("id")
    return sum(_tell(key, at) for key in list(waiting.values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def _tell(key: int, at: Moment) -> int:
    rows = Telling.objects.select_for_update(skip_locked=True, of=("self",)).select_related("change")
    row = rows.filter(pk=key, told__isnull=True).first()
    if row is None:
        return 0
    told = Hearers(row, at.now).told()
    people = {one.actor: one for one in Person.objects.filter(public_id__in=_ids(told), is_active=True)}
    names = names_of({row.by, row.person})
    hearing = HEARINGS[Occasion(row.occasion)]
    for actor, party in told.items():
        if actor in people:
            _write(row, hearing, party, people[actor], names, at)
    row.told = at.now
    row.save(update_fields=["told"])
    return len(people)


def _write(
    row: Telling, hearing: Hearing, party: Party, person: Person, names: dict[str, str], at: Moment
) -> None:  # fmt: skip
    words = {
        "kind": change_type(row.change.type).words, "by": names.get(row.by, "the clock"),
        "person": names.get(row.person, "somebody"), "revision": row.revision,
    }  # fmt: skip
    said = f" Reason: {row.words.rstrip('.')}." if row.words else ""
    why = f"{party.value}{said} {hearing.next_step.format(**words)}"
    mailed = hearing.mailed and settings.COUNTERSIGN_MAIL and bool(person.email)
    notice = Notice.objects.create(
        public_id=at.new_id(),
        person=person,
        change=row.change,
        page=page_for(person, row.change, at.now),
        begins=hearing.open_end,
        what=hearing.what.format(**words)[:300],
        why=why[:LONGEST_WHY],
        created=at.now,
        mail=MailState.WAITING if mailed else MailState.NONE,
        mail_next=at.now if mailed else None,
    )
    if hearing.mailed:
        put_on_its_way(notice, at.now)


def _ids(told: dict[str, Party]) -> list[str]:
    return [actor.partition(":")[2] for actor in told if actor.startswith("person:")]
