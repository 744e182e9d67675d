"""Mails about accounts: queued with what they tell, sent afterwards."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from governance.identity.core.roles import Role
from governance.identity.models.mail import Mail, MailState
from governance.identity.models.membership import Membership
from governance.identity.models.person import Person

log = logging.getLogger(__name__)

MOST_TRIES = 6
AT_ONCE = 50


def queue_mail(person: Person, subject: str, body: str, now: datetime) -> Mail:
    """Let `person` know, once the caller's transaction is committed; never put a secret into it."""
    return Mail.objects.create(person=person, subject=subject[:200], body=body, created=now, next=now)


def tell_approvers(subject: str, body: str, now: datetime, *, besides: Person) -> int:
    """The same to everybody who holds the role approver at `now`, but not to `besides`; how many."""
    live = Membership.objects.live(now).filter(role=Role.APPROVER.value)
    people = Person.objects.filter(pk__in=live.values("person"), is_active=True).exclude(pk=besides.pk)
    return len([queue_mail(person, subject, body, now) for person in people])


def deliver(now: datetime) -> int:
    """Send what is due at `now`; returns how many mails left."""
    due = Mail.objects.filter(state=MailState.WAITING.value, next__lte=now).order_by("next")
    left = 0
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        if not _send(pk, now):
            break  # a mail server that is silent would hold the worker for each of them
        left += 1
    return left


@transaction.atomic
def _send(pk: int, now: datetime) -> bool:
    rows = Mail.objects.select_for_update(skip_locked=True, of=("self",)).select_related("person")
    row = rows.filter(pk=pk, state=MailState.WAITING.value).first()
    if row is None:
        return True
    try:
        _message(row).send()
    except OSError as problem:  # smtplib's errors are OSErrors
        log.warning("a mail could not be sent: %s", type(problem).__name__, extra={"mail": row.pk})
        _again(row, now)
        return False
    row.state, row.next = MailState.SENT.value, None
    row.save(update_fields=["state", "next"])
    return True


def _again(row: Mail, now: datetime) -> None:
    row.tries += 1
    is_last = row.tries >= MOST_TRIES
    row.state = (MailState.FAILED if is_last else MailState.WAITING).value
    row.next = None if is_last else now + timedelta(minutes=2**row.tries)
    row.save(update_fields=["state", "tries", "next"])


def _message(row: Mail) -> EmailMessage:
    base = str(settings.COUNTERSIGN_SITE_URL).rstrip("/")
    body = f"{row.body}\n\n{base}/account/\n\n--\nThis link approves nothing: it leads to your account.\n"
    return EmailMessage(subject=f"[Countersign] {row.subject}", body=body, to=[row.person.email])
