"""Mail: what waits is sent, and tried again with growing pauses; after the last try the notice says that it failed.

A mail carries what the notice says and a link: names of streams and states of paths, never what an event says.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from governance.watching.core.alarms import OF_GOVERNANCE, AlarmKind
from governance.watching.models import MailState, Notice
from governance.watching.selectors.notices import page_of

log = logging.getLogger(__name__)

MOST_TRIES = 6
AT_ONCE = 50
_FOOT = "You asked for this under Subscriptions, and can end it there"
_OF_CHANGE = "Nothing is approved by opening a link. Signing asks for your key, on the signing page"


def deliver(now: datetime) -> int:
    """Send what is due at `now`; returns how many mails left."""
    due = Notice.objects.filter(mail=MailState.WAITING, mail_next__lte=now).order_by("mail_next")
    left = 0
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        if not _send(pk, now):
            break  # a mail server that is silent would hold the worker for each of them
        left += 1
    return left


@transaction.atomic
def _send(pk: int, now: datetime) -> bool:
    rows = Notice.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
        "person", "episode__stream", "alarm", "change"
    )
    row = rows.filter(pk=pk, mail=MailState.WAITING).first()
    if row is None:
        return True
    try:
        _message(row).send()
    except OSError as problem:  # smtplib's errors are OSErrors
        log.warning("a mail could not be sent: %s", type(problem).__name__, extra={"notice": str(row.public_id)})
        _again(row, now)
        return False
    row.mail, row.mail_next = MailState.SENT, None
    row.save(update_fields=["mail", "mail_next"])
    return True


def _again(row: Notice, now: datetime) -> None:
    row.mail_tries += 1
    is_last = row.mail_tries >= MOST_TRIES
    row.mail = MailState.FAILED if is_last else MailState.WAITING
    row.mail_next = None if is_last else now + timedelta(minutes=2**row.mail_tries)
    row.save(update_fields=["mail", "mail_tries", "mail_next"])


def _message(row: Notice) -> EmailMessage:
    """What the notice says. A change's mail can be ended by nobody: whom it concerns hears of it."""
    base = str(settings.COUNTERSIGN_SITE_URL).rstrip("/")
    page, ends = f"{base}{page_of(row)}", f"{base}/subscriptions/"
    foot = f"{_FOOT}: {ends}" if not _is_governance(row) else f"{_OF_CHANGE}."
    body = f"{row.what}.\n\n{row.why}\n\n{page}\n\n--\n{foot}\n"
    return EmailMessage(subject=f"[Countersign] {row.what}", body=body, to=[row.person.email])


def _is_governance(row: Notice) -> bool:
    return row.change is not None or (row.alarm is not None and AlarmKind(row.alarm.kind) in OF_GOVERNANCE)
