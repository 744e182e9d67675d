"""A statement to sign: built from our rows, with a nonce that is answered once."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction

from governance.change.actions.base import check_exists_for, denied, found, require_session
from governance.change.actions.native import given_beside
from governance.change.core.people import Approver
from governance.change.core.statement import Statement, built
from governance.change.core.verbs import Verb
from governance.change.errors import KeyRefused, TooManyStatements
from governance.change.models import Change, IssuedStatement
from governance.change.selectors.standing import current, people_judging
from governance.change.selectors.statements import NO_CLIENT, fields_of, newest_head
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from ledger.core.types import JSONObject
from ledger.errors import RequestError

NONCE_BYTES = 16
MOST_WAITING = 50
NONCE_LIFE = timedelta(hours=24)
"""Long enough to carry the statement to an offline signer and back."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What is given to the signer; `code` are six words over the signed bytes, equal on every device; `native`
    are the artefacts that the change lists, whole where this word signs them.
    """

    payload_type: str
    statement: Statement
    nonce_expires: datetime
    native: JSONObject | None = None

    @property
    def raw(self) -> bytes:
        """The RFC 8785 bytes that go into the envelope."""
        return self.statement.raw

    @property
    def code(self) -> str:
        """The short code."""
        return self.statement.code


def issue_statement(
    change_id: str, verb: Verb, kid: str, *, by: Principal, at: Moment, client: JSONObject = NO_CLIENT
) -> Issued:  # fmt: skip
    """Give `by` the statement to sign with their key `kid`; raises TokenCannotDecide, ChangeUnknown, KeyRefused and
    NativeKeyMissing.

    `client` is what will sign: its kind, and the digest of its code where that is known. Whether the word will count is
    decided when it is given.
    """
    try:
        require_session(by)
        with transaction.atomic():
            row = found(change_id)
            check_exists_for(by, row, at)
            everybody = people_judging(row, current(row), int(at.now.timestamp()))
            return _issued(row, verb, kid, everybody.get(by.actor), at, client)
    except RequestError as error:
        denied(error, by, f"statement-{verb.value}", change_id)
        raise


def _issued(
    row: Change, verb: Verb, kid: str, signer: Approver | None, at: Moment, client: JSONObject
) -> Issued:  # fmt: skip
    if signer is None or signer.key(kid) is None:
        raise KeyRefused("This is no key of yours", why=kid[:64])
    _check_waiting(row, signer, at)
    nonce = base64.urlsafe_b64encode(at.entropy(NONCE_BYTES)).rstrip(b"=").decode()
    head = newest_head()
    native = given_beside(row, current(row), verb, signer.person, int(at.now.timestamp()))
    fields = fields_of(row, current(row), verb, signer, kid, nonce=nonce, ledger=head)
    statement = built({**fields, "client": client})
    expires = at.now + NONCE_LIFE
    IssuedStatement.objects.create(
        nonce=nonce, change=row, revision=row.revision, verb=verb.value, person=signer.person, kid=kid,
        digest=hashlib.sha256(statement.raw).hexdigest(), size=cast("int", head["size"]), issued=at.now,
        expires=expires,
    )  # fmt: skip
    return Issued(verb.payload_type, statement, expires, native)


def _check_waiting(row: Change, signer: Approver, at: Moment) -> None:
    waiting = IssuedStatement.objects.filter(change=row, person=signer.person, consumed__isnull=True)
    if waiting.filter(expires__gt=at.now).count() >= MOST_WAITING:
        raise TooManyStatements(f"You were given {MOST_WAITING} statements of this change", why="none is answered yet")


def sweep_statements(*, at: Moment) -> int:
    """Remove those that nobody answered in their time; returns how many. The database lets no other go."""
    return IssuedStatement.objects.filter(consumed__isnull=True, expires__lt=at.now).delete()[0]
