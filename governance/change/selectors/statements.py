"""The statement that somebody would sign now, built from our own rows alone.

Guarantees that what was signed can be compared byte for byte with what we would have given: everything but nonce, head
and client follows from the change, its current revision, the policy it was judged under, and the signer.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from governance.change.core.diff import differences
from governance.change.core.people import Approver
from governance.change.core.statement import VERSION, digest_of
from governance.change.core.verbs import Verb
from governance.change.errors import HeadRefused
from governance.change.models import Change, Revision
from governance.change.selectors.deployment import changes_stream, deployment
from governance.change.selectors.standing import contributors
from governance.change.types import change_type
from ledger.core.types import JSON, JSONObject
from ledger.errors import NotThere
from ledger.selectors.checkpoints import at as checkpoint_at
from ledger.selectors.checkpoints import newest
from ledger.selectors.signed_heads import signed_head

NO_CLIENT: JSONObject = {"kind": "browser", "bundle": "0" * 64}
"""What stands there until the signer says what it is."""
DRAFT_LIFE_S = 30 * 86_400
EMPTY_ROOT = hashlib.sha256(b"").hexdigest()


def fields_of(
    row: Change, revision: Revision, verb: Verb, signer: Approver, kid: str, *, nonce: str, ledger: JSONObject
) -> JSONObject:  # fmt: skip
    """Every field of the statement; times in UTC seconds."""
    kind = change_type(row.type)
    founding = revision.body if kind.name == "genesis" else None
    reverts = str(row.reverts) if row.reverts is not None else None
    groups: list[JSON] = [*sorted(signer.groups)]
    return {
        "v": VERSION,
        "verb": verb.value,
        "deployment": deployment(founding).to_json(),
        "tenant": row.tenant,
        "change": {
            "id": row.key, "revision": row.revision, "type": row.type, "body": revision.body,
            "body_digest": digest_of(revision.body), "reverts": reverts,
            "contributors": [*sorted(contributors(row))], "reason": revision.reason,
        },
        "effect": _effect(revision),
        "policy": {"digest": revision.policy, "rule": revision.rule},
        "ledger": ledger,
        "window": _window(row, revision),
        "signer": {"person": signer.person, "key": kid, "groups": groups},
        "nonce": nonce,
        "client": NO_CLIENT,
    }  # fmt: skip


def newest_head() -> JSONObject:
    """The newest signed checkpoint of the decisions; the empty tree before the first."""
    stream = changes_stream()
    checkpoint = newest(stream)
    if checkpoint is None:
        return {"origin": stream.origin, "root": EMPTY_ROOT, "size": 0}
    head = signed_head(stream, checkpoint)
    if head.problem:
        raise HeadRefused("The newest checkpoint of the decisions does not verify", why=head.problem)
    return {"origin": stream.origin, "root": head.root.hex(), "size": head.size}


def check_head(told: JSONObject, *, least: int) -> None:
    """Whether we signed exactly this head, and it is not older than the one that was bound (`least` leaves).

    A checkpoint that this log signed is an ancestor of what it is now: the sealer never signs anything else.
    Raises HeadRefused.
    """
    stream, size = changes_stream(), told["size"]
    if told["origin"] != stream.origin or not isinstance(size, int) or size < least:
        raise HeadRefused("The statement binds another or an older head", why=f"{told['origin']}, size {size}")
    if size == 0:
        if told["root"] != EMPTY_ROOT:
            raise HeadRefused("The statement binds a head that this ledger never signed", why="size 0")
        return
    try:
        head = signed_head(stream, checkpoint_at(stream, size))
    except NotThere as unknown:
        raise HeadRefused("The statement binds a head that this ledger never signed", why=f"size {size}") from unknown
    if head.problem or head.root.hex() != told["root"]:
        raise HeadRefused("The statement binds a head that this ledger never signed", why=f"size {size}")


def _window(row: Change, revision: Revision) -> JSONObject:
    """The life of the change; of a draft that has none yet, a month from its last edit."""
    made = int(revision.made.timestamp())
    return {
        "not_before": _second(made if row.not_before is None else row.not_before),
        "not_after": _second(made + DRAFT_LIFE_S if row.not_after is None else row.not_after),
    }


def _effect(revision: Revision) -> JSONObject:
    return {
        "base": revision.base, "result": revision.result,
        "base_state": digest_of(revision.base), "result_state": digest_of(revision.result),
        "diff": differences(revision.base, revision.result), "direction": revision.direction,
        "invalidates": revision.invalidates, "way_back": revision.way_back,
    }  # fmt: skip


def _second(value: int | None) -> str:
    return datetime.fromtimestamp(value or 0, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
