"""What attacks on governed change begin with: changes at each stage, words over them, and keys that are none."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from governance.change.actions.draft import draft_change
from governance.change.actions.issue import issue_statement
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.actions.register_person_key import register_person_key
from governance.identity.core.person_keys import Custody
from governance.identity.core.principal import Principal, Scope
from governance.identity.models import Tenant
from governance.identity.selectors.principals import principal_of_person
from ledger.core.dsse import pae
from tests.support.attacks import Doors
from tests.support.other_doors import Try
from tests.support.people import planted_key, possession, proven
from tests.support.world import moment, place


def in_review(doors: Doors, by: str = "ada") -> Change:
    """The suspension of a tenant that nothing else is about."""
    tenant = place(f"t{Tenant.objects.count()}").tenant
    return doors.it.in_review("tenant.state", {"tenant": str(tenant.public_id), "state": "suspended"}, by)


def ready(doors: Doors) -> Change:
    row = doors.it.approved(in_review(doors))
    doors.wait()
    return row


def body_of(row: Change) -> Any:
    return row.revisions.get(number=row.revision).body


def below(row: Change, part: str) -> str:
    return f"/api/v1/changes/{row.key}/{part}"


def word(doors: Doors, row: Change, who: str, envelope: bytes, code: str, **more: Any) -> Try:
    """Handing in an envelope; in the administration, entering it as a row."""
    writes = ("change/word/add/", {"change": row.pk, "verb": "approve", "person": doors.it[who].id})
    told: dict[str, Any] = {
        "code": code, "call": lambda: doors.it.hand_in(row, envelope, who), "client": lambda: doors.session(who),
        "address": below(row, "decisions/"), "body": {"envelope": json.loads(envelope)}, "writes": writes,
    }  # fmt: skip
    return Try(**{**told, **more})


def moved_to(row: Change, **fields: Any) -> tuple[str, dict[str, Any]]:
    """The form that would set columns of a change."""
    return f"change/change/{row.pk}/change/", fields


def with_signature(envelope: bytes, signature: bytes) -> bytes:
    told = json.loads(envelope)
    told["signatures"][0]["sig"] = base64.b64encode(signature).decode()
    return json.dumps(told).encode()


def bent(doors: Doors, row: Change, bend: Callable[[Any], bytes]) -> bytes:
    """What `bend` makes of the statement that ben is given, signed by ben."""
    one = doors.it["ben"]
    issued = issue_statement(row.key, Verb.APPROVE, one.kid, by=one.principal(doors.it.now), at=moment(doors.it.now))
    raw = bend(json.loads(issued.raw))
    signature = one.private.sign(pae(issued.payload_type, raw)).signature
    sig = {"keyid": one.kid, "sig": base64.b64encode(signature).decode()}
    told = {"payload": base64.b64encode(raw).decode(), "payloadType": issued.payload_type, "signatures": [sig]}
    return json.dumps(told).encode()


def fresh_key(doors: Doors, who: str, custody: Custody = Custody.OFFLINE) -> None:
    row, private = planted_key(doors.it[who].row, custody=custody)
    doors.it[who].kid, doors.it[who].private = row.kid, private


def token_of(doors: Doors, who: str) -> Principal:
    found = principal_of_person(doors.it[who].row, doors.it.now, frozenset({Scope.READ, Scope.DRAFT}))
    assert found is not None
    return found


def enrolled(doors: Doors, private: Any, code: str) -> Try:
    cyd, now = doors.it["cyd"].row, doors.it.now
    envelope = possession(cyd, private, now=now)
    custodies = frozenset(Custody) - {Custody.DEMO}

    def call() -> object:
        proof = proven(cyd, envelope, now)
        by = doors.it["cyd"].principal(now)
        return register_person_key(cyd, proof, "alias", custodies=custodies, by=by, at=moment(now))

    public = bytes(private.verify_key).hex()
    return Try(
        code, call, lambda: doors.session("cyd"), "/account/keys/register/",
        {"envelope": json.loads(envelope), "credential": None},
        ("identity/personkey/add/", {"person": cyd.pk, "public": public, "state": "active"}),
    )  # fmt: skip


class Weak:
    """The neutral point as a key: anybody signs with it."""

    verify_key = b"\1" + bytes(31)

    def sign(self, _: bytes) -> Any:
        return type("Signed", (), {"signature": b"\1" + bytes(63)})


def drafted(doors: Doors, kind: str, body: Any, code: str, reason: str = "Agreed.") -> Try:
    by, at = doors.it["ada"].principal(doors.it.now), moment(doors.it.now)
    return Try(
        code, lambda: draft_change(kind, body, reason, by=by, at=at), lambda: doors.session("ada"),
        "/api/v1/changes/", {"type": kind, "body": body, "reason": reason},
        ("change/change/add/", {"type": kind, "state": "timelocked"}),
    )  # fmt: skip
