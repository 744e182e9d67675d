"""A new proposal: a draft that nobody can sign yet. Tokens may draft; their person becomes the author."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import cast

from django.db import transaction

from governance.change.actions.base import appended, denied, locked_place
from governance.change.errors import BodyMalformed, RoleMissing
from governance.change.events import ChangeEvent
from governance.change.models import Change, Revision
from governance.change.selectors.attention import check_not_rejected, check_open
from governance.change.selectors.effects import Effect, check_body, effect_of
from governance.change.selectors.people import may_execute, views
from governance.change.selectors.whose import check_known, drafted_for, may_propose
from governance.change.types import change_type
from governance.change.types.base import ChangeType
from governance.change.types.genesis import GENESIS
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.moment import Moment
from ledger.core.types import JSON, JSONObject
from ledger.errors import RequestError

MOST_REASON = 4_000


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`kind` is the name of a type, `reverts` the change whose way back this is."""

    kind: str
    body: JSONObject
    reason: str
    by: Principal
    at: Moment
    reverts: uuid.UUID | None = None

    def run(self) -> Change:
        """Check, record and write, all or nothing."""
        try:
            with transaction.atomic():
                return self._write(change_type(self.kind))
        except RequestError as error:
            denied(error, self.by, "draft", "")
            raise

    def _write(self, kind: ChangeType) -> Change:
        reason = checked_reason(self.reason)
        self._check_right(kind)
        place = locked_place(self.at)
        effect = effect_of(kind, self.body, index=place.index, now=place.now)
        tenant = drafted_for(self.by, kind, self.body, effect, self.at.now)
        check_open(self.by.actor)
        check_not_rejected(kind.name, self.body, place.now)
        row = Change(
            public_id=self.at.new_id(), type=kind.name, subject=kind.subject(self.body), tenant=tenant,
            author=self.by.actor, reverts=self.reverts, created=self.at.now, moved=self.at.now,
            not_before=place.now, not_after=place.now + effect.rule.life_s,
        )  # fmt: skip
        told = {**drafted(row, self.body, reason, effect), "actor": self.by.actor}
        row.index = appended(row, ChangeEvent.DRAFTED, told, by=self.by, at=self.at)
        row.save(force_insert=True)
        write_revision(row, 1, self.body, reason, effect, by=self.by, at=self.at)
        return row

    def _check_right(self, kind: ChangeType) -> None:
        """Before anything that the body names is read: what is told of it is told to whom it exists for."""
        check_body(kind, self.body)
        tenant = kind.tenant(self.body)
        if self.reverts is None:
            check_author(self.by, kind.name, tenant, self.at)
        else:
            check_executor_role(self.by, tenant, self.at)
        check_known(self.by, kind, self.body, self.at.now)


def checked_reason(reason: str) -> str:
    """The reason as it is kept; raises BodyMalformed."""
    text = reason.strip()
    if not 1 <= len(text.encode()) <= MOST_REASON:
        raise BodyMalformed("A reason is needed", path="$.reason", next_step=f"Give one of 1 to {MOST_REASON:,} bytes.")
    return text


def check_author(by: Principal, kind: str, tenant: str | None, at: Moment) -> None:
    """Who may write: a person with the role, in a session or by a token of theirs; a genesis also who sits at the
    server. Raises RoleMissing.
    """
    if kind == GENESIS and by.kind is PrincipalKind.MACHINE:
        return
    if by.kind is not PrincipalKind.PERSON or not may_propose(views(at.now).get(by.actor), kind, tenant):
        raise RoleMissing("This takes the role author", why=f"{by.actor} may not propose here")


def check_executor_role(by: Principal, tenant: str | None, at: Moment) -> None:
    """Who may draft a way back: whoever may carry it out; raises RoleMissing."""
    if not may_execute(views(at.now).get(by.actor), tenant, low=False):
        raise RoleMissing("This takes the role executor", why=by.actor)


def drafted(row: Change, body: JSONObject, reason: str, effect: Effect) -> JSONObject:
    """What the record keeps of a text."""
    return {
        "change": row.key, "type": row.type, "subject": row.subject, "tenant": row.tenant, "revision": row.revision,
        "from": None, "to": row.state, "body": body, "reason": reason, "policy": effect.policy,
        "reverts": None if row.reverts is None else str(row.reverts),
    }  # fmt: skip


def write_revision(
    row: Change, number: int, body: JSONObject, reason: str, effect: Effect, *, by: Principal, at: Moment
) -> Revision:  # fmt: skip
    """The revision's row."""
    return Revision.objects.create(
        change=row, number=number, by=by.actor, body=body, reason=reason, base=effect.base, result=effect.result,
        direction=effect.direction.value, invalidates=cast("list[JSON]", effect.invalidates), way_back=effect.way_back,
        policy=effect.policy, rule=effect.rule.to_json(), made=at.now,
    )  # fmt: skip


def draft_change(
    kind: str, body: JSONObject, reason: str, *, by: Principal, at: Moment, reverts: uuid.UUID | None = None
) -> Change:
    """Propose; returns the draft. Raises TypeUnknown, BodyMalformed, EffectRefused, RuleMissing, RoleMissing."""
    return Draft(kind=kind, body=body, reason=reason, by=by, at=at, reverts=reverts).run()
