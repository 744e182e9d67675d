"""Rows that belong to the whole stream: registered keys, policies, remembered requests, places in the log of heads."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, TypeAlias, cast

from django.db import connection

from ledger.core.control import ControlHistory, Span
from ledger.core.envelope import parse
from ledger.core.head import head_of
from ledger.core.keys import ED25519, DelegatedKey, kid_of
from ledger.core.types import JSON, Hash
from ledger.errors import LedgerError
from ledger.models import Checkpoint, Leaf, LoggedHead, PolicyText, SigningKey
from ledger.selectors.heads import HEADS, is_log_of_heads
from ledger.selectors.keys import vkey_of
from ledger.selectors.leaves import leaves_at
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.selectors.streams import stream as stream_named
from ledger.services.store_findings import StoreFindings
from ledger.services.store_frozen import Frozen

_BATCH = 1_000
_Place: TypeAlias = tuple[int | None, int]
# A request's events were there before its row: both came in one transaction.
_STRANGE = """
SELECT held.key FROM ledger_idempotency AS held
WHERE held.stream_id = %s AND (held.namespace <> %s OR held.status <> 201 OR EXISTS (
    SELECT 1 FROM unnest(held.indices) AS place (index)
    LEFT JOIN ledger_leaf AS leaf ON leaf.stream_id = held.stream_id AND leaf.index = place.index
    WHERE leaf.kind IS DISTINCT FROM 'event'))
ORDER BY held.key
"""


def check_keys(frozen: Frozen, found: StoreFindings) -> None:
    """The registered keys are those that the control leaves name, for the same leaves and under their own ids."""
    if frozen.history is None:
        return
    told = _told(frozen.history)
    for row in SigningKey.objects.filter(stream_id=frozen.stream.id).order_by("id"):
        path, span = f"key {row.kid}", told.pop(_name(row), None)
        came_since = row.valid_from >= frozen.size and _is_named(frozen, row, row.valid_from, "add")
        if span is None and not came_since:
            found.problem("keys_mismatch", path, f"No leaf names this {row.use} key.")
        elif span is not None and not _is_valid_as_told(frozen, row, span):
            told_span = f"from {span.start} to {'now' if span.stop is None else span.stop}"
            found.problem("keys_mismatch", path, f"The leaves have this {row.use} key valid {told_span}.")
        if row.kid != kid_of(row.use, frozen.stream.origin, bytes(row.public)):
            found.problem("keys_mismatch", path, f"The id is not that of this {row.use} key.")
        if row.use != "checkpoint" and row.alg != ED25519:
            found.problem("keys_mismatch", path, f"The leaves have this {row.use} key as {ED25519}.")
        found.count("keys")
    for use, name in told:
        found.problem("keys_mismatch", f"key {name}", f"A {use} key that the leaves name is not registered.")


def check_policies(frozen: Frozen, found: StoreFindings) -> None:
    """The text of each policy hashes to the digest that a leaf names."""
    digests = {digest for _, digest in frozen.history.policies} if frozen.history else set()
    texts = dict(PolicyText.objects.filter(digest__in=digests).values_list("digest", "text"))
    for digest in sorted(digests):
        text = texts.get(digest)
        if text is None or sha256(text.encode()).hexdigest() != digest:
            told = "is not stored" if text is None else "is another than its digest says"
            found.problem("policy_mismatch", f"policy {digest}", f"The text of the policy {told}.")
        found.count("policies")


def check_requests(frozen: Frozen, found: StoreFindings) -> None:
    """Remembered requests name events of this stream; their digests stand nowhere else, so they are not compared."""
    with connection.cursor() as cursor:
        cursor.execute(_STRANGE, [frozen.stream.id, frozen.stream.namespace])
        for (key,) in cursor.fetchall():
            found.problem("idempotency_mismatch", f"key {key[:80]!r}", "Namespace, status or indices cannot be right.")


def check_logged(frozen: Frozen, found: StoreFindings) -> None:
    """Each checkpoint up to the newest that is logged has its place, where a head leaf says what its note says."""
    newest = LoggedHead.objects.filter(stream_id=frozen.stream.id).order_by("-size").values_list("size", flat=True)
    limit, after = min(newest.first() or 0, frozen.signed), 0
    if is_log_of_heads(frozen.stream) or not limit:
        return
    while rows := _checkpoints(frozen, after, limit):
        _logged(frozen, found, rows)
        after = rows[-1][0]


def _checkpoints(frozen: Frozen, after: int, limit: int) -> list[tuple[int, Any]]:
    rows = Checkpoint.objects.filter(stream_id=frozen.stream.id, size__gt=after, size__lte=limit).order_by("size")
    return list(rows.values_list("size", "note")[:_BATCH])


def _logged(frozen: Frozen, found: StoreFindings, rows: list[tuple[int, Any]]) -> None:
    sizes = [size for size, _ in rows]
    logged = LoggedHead.objects.filter(stream_id=frozen.stream.id, size__in=sizes)
    places = {size: (log, index) for size, log, index in logged.values_list("size", "log_id", "index")}
    heads = _heads(set(places.values()))
    for size, note in rows:
        told = heads.get(places.get(size, (None, -1)))
        if told != (frozen.stream.origin, size, Hash(sha256(bytes(note)).digest())):
            found.problem(
                "logged_head_mismatch", f"checkpoint {size}", "The log of heads does not say this at its place."
            )
        found.count("logged heads")


def _heads(places: set[_Place]) -> dict[_Place, tuple[str, int, Hash]]:
    """What the head leaves at these places say; `log` is None for the first log of heads."""
    found: dict[_Place, tuple[str, int, Hash]] = {}
    for log in {log for log, _ in places}:
        try:
            held = leaves_at(_log(log), [index for one, index in places if one == log])
        except LedgerError:
            continue
        heads = ((index, head_of(view.parsed)) for index, view in held.items() if view.kind == "head")
        found |= {(log, index): (head.origin, int(head.size), head.note) for index, head in heads}
    return found


def _log(log: int | None) -> StreamView:
    return stream_named(*HEADS) if log is None else stream_by_id(log)


def _is_valid_as_told(frozen: Frozen, row: SigningKey, span: Span) -> bool:
    """Whether row and leaves say the same; a key in force may have been retired behind the leaves that are verified,
    by a leaf that must be there then.
    """
    if (row.valid_from, row.valid_to) == (span.start, span.stop):
        return True
    if span.stop is not None or row.valid_to is None or row.valid_to < frozen.size:
        return False
    return row.valid_from == span.start and _is_named(frozen, row, row.valid_to, "retire")


def _is_named(frozen: Frozen, row: SigningKey, index: int, field: str) -> bool:
    """Whether the leaf at `index` is a key leaf that names this key in `add` or `retire`."""
    raw = Leaf.objects.filter(stream_id=frozen.stream.id, index=index, kind="key").values_list("bytes", flat=True)
    try:
        leaf = parse(bytes(raw.first() or b""))
    except LedgerError:
        return False
    if row.use == "checkpoint":
        return str(vkey_of(row)) in cast("list[JSON]", leaf.fields[f"{field}_log_keys"])
    kid = kid_of(row.use, leaf.origin, bytes(row.public))
    entries = cast("list[JSON]", leaf.fields[field])
    return kid in (one["kid"] if isinstance(one, dict) else one for one in entries)


def _told(known: ControlHistory) -> dict[tuple[str, str], Span]:
    delegated: dict[tuple[str, str], Span] = {
        (span.key.use, span.key.public.hex()): span for span in known.keys if isinstance(span.key, DelegatedKey)
    }
    return {**delegated, **{("checkpoint", str(span.key)): span for span in known.log_keys}}


def _name(row: SigningKey) -> tuple[str, str]:
    return (row.use, str(vkey_of(row)) if row.use == "checkpoint" else bytes(row.public).hex())
