"""Asks by webhook: what a person is mailed of a change is also posted to the address that they gave.

Guarantees that a notice is posted once (its row is locked while it is), tried again with growing pauses, and that its
link only opens a page: nothing is approved by a message or by following it.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from governance.identity.errors import IdentityRefused
from governance.identity.models.person import Person
from governance.watching.core.webhooks import headers, pause_after, secret_of, secret_text, target_of
from governance.watching.models import MailState, Notice, Post, Webhook
from governance.watching.selectors.notices import page_of
from governance.watching.services.posting import NotPosted, post
from ledger.storage.sealing import derived, derived_keys

log = logging.getLogger(__name__)

AT_ONCE = 6
_PURPOSE = b"watching/webhook"
_NOTE = "Opening the link approves nothing. Signing asks for a key, on the signing page."


def put_on_its_way(notice: Notice, at: datetime) -> None:
    """Post this notice too, if its reader has an address; in the transaction that wrote it."""
    webhook = Webhook.objects.filter(person_id=notice.person_id, ended__isnull=True).first()
    if webhook is not None:
        Post.objects.create(notice=notice, webhook=webhook, next=at)


def deliver_posts(now: datetime) -> int:
    """Post what is due at `now`; returns how many were taken."""
    due = Post.objects.filter(state=MailState.WAITING, next__lte=now).order_by("next")
    return sum(_deliver(key, now) for key in list(due.values_list("pk", flat=True)[:AT_ONCE]))


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A person's address: its secret as Standard Webhooks writes it, and how the last message fared ('' for none)."""

    url: str
    secret: str
    created: datetime
    last: str
    why: str


def webhook_of(person: Person) -> WebhookView | None:
    """The address in force."""
    row = Webhook.objects.filter(person=person, ended__isnull=True).first()
    if row is None:
        return None
    last = row.posts.first()
    secret = secret_text(secret_of(derived(_PURPOSE), row.public_id.bytes))
    return WebhookView(row.url, secret, row.created, last.state if last else "", last.why if last else "")


def body_of(notice: Notice) -> bytes:
    """What is posted: the notice's two sentences and where to look, never what a change's body says."""
    base = str(settings.COUNTERSIGN_SITE_URL).rstrip("/")
    told = {
        "type": "countersign.change.notice",
        "timestamp": f"{notice.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "data": {
            "notice": str(notice.public_id), "change": notice.change.key if notice.change else None,
            "what": notice.what, "why": notice.why, "link": f"{base}{page_of(notice)}", "note": _NOTE,
        },
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


@transaction.atomic
def _deliver(key: int, now: datetime) -> bool:
    rows = Post.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
        "webhook", "notice__person", "notice__change", "notice__episode__stream", "notice__alarm"
    )
    row = rows.filter(pk=key, state=MailState.WAITING).first()
    if row is None:
        return False
    if row.webhook.ended is not None or not row.notice.person.is_active:
        return _end(row, "the address was taken back")
    try:
        _post(row, now)
    except (NotPosted, IdentityRefused) as problem:
        log.warning("a webhook was not taken: %s", problem, extra={"notice": str(row.notice.public_id)})
        return _again(row, str(problem), now)
    row.state, row.next, row.why = MailState.SENT, None, ""
    row.save(update_fields=["state", "next", "why"])
    return True


def _post(row: Post, now: datetime) -> None:
    allowed = settings.COUNTERSIGN_WEBHOOK_NETWORKS
    target = target_of(row.webhook.url, plain=bool(allowed))
    body, message = body_of(row.notice), f"msg_{row.notice.public_id.hex}"
    secrets = [secret_of(one, row.webhook.public_id.bytes) for one in derived_keys(_PURPOSE)]
    post(target, body, headers(secrets, message, int(now.timestamp()), body), allowed)


def _again(row: Post, why: str, now: datetime) -> bool:
    row.tries += 1
    pause = pause_after(row.tries)
    row.state = MailState.WAITING if pause is not None else MailState.FAILED
    row.next, row.why = (now + pause if pause is not None else None), why[:200]
    row.save(update_fields=["state", "tries", "next", "why"])
    return False


def _end(row: Post, why: str) -> bool:
    row.state, row.next, row.why = MailState.FAILED, None, why
    row.save(update_fields=["state", "next", "why"])
    return False
