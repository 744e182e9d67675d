"""The row of the stream, and whether another log continues it, against genesis leaves and what can be opened."""

from __future__ import annotations

from ledger.core.envelope import parse
from ledger.core.types import JSONObject
from ledger.errors import KeyUnusable, LedgerError
from ledger.models import Checkpoint, Leaf, SigningKey, Stream, StreamHead
from ledger.services.store_findings import StoreFindings
from ledger.services.store_frozen import Frozen
from ledger.services.store_rows import opened_lookup_key
from ledger.storage.sealing import associated, unseal

_CODE = "stream_row_mismatch"


def check_stream(frozen: Frozen, found: StoreFindings) -> None:
    """Columns of the stream that genesis names, its lookup key, and its successor."""
    known, path = frozen.history, "stream max_merge_delay_s"
    if known is not None and frozen.stream.max_merge_delay_s != known.max_merge_delay:
        told = f"The row says {frozen.stream.max_merge_delay_s}, genesis says {known.max_merge_delay}."
        found.problem(_CODE, path, told)
    _check_lookup_key(frozen, found)
    _check_successor(frozen, found)
    found.count("streams")


def _check_lookup_key(frozen: Frozen, found: StoreFindings) -> None:
    """Where the seal key opens another secret of the stream, it is there, and the row was altered."""
    if opened_lookup_key(frozen) is not None:
        return
    secrets = SigningKey.objects.filter(stream_id=frozen.stream.id, sealed__isnull=False)
    about = ((row, associated(row.use, frozen.stream.origin, bytes(row.public))) for row in secrets)
    if any(_opens(bytes(row.sealed or b""), use) for row, use in about):
        told = "The seal key opens other secrets of this stream, and not this one: repeated events are not found."
        found.problem(_CODE, "stream lookup_key", told)


def _opens(sealed: bytes, about: bytes) -> bool:
    try:
        unseal(sealed, about)
    except KeyUnusable:
        return False
    return True


def _check_successor(frozen: Frozen, found: StoreFindings) -> None:
    """Whom the head row names must be who continues this log, by the successor's genesis or this log's last leaf; where
    it names one that is not there yet, whoever continues it was stopped, and goes on when it is asked again.
    """
    genesis = _continuing(frozen)
    closed = [leaf for leaf in (frozen.history.leaves if frozen.history else ()) if leaf.kind == "closed"]
    told = {*genesis, *(str(_object(leaf.fields["successor"])["origin"]) for leaf in closed)}
    named = StreamHead.objects.filter(pk=frozen.stream.id).values_list("successor", flat=True).first()
    taken = named is not None and Stream.objects.filter(origin=named).exists()
    if told - {named} or (taken and named not in genesis):
        says = ", ".join(sorted(told)) or "no log"
        found.problem(_CODE, "head successor", f"The row says {named}, but {says} continues this log.")
    for origin, (size, root) in genesis.items():
        held = Checkpoint.objects.filter(stream_id=frozen.stream.id, size=size).values_list("root", flat=True).first()
        if size and (held is None or bytes(held).hex() != root):
            found.problem("continues_mismatch", f"checkpoint {size}", f"{origin} continues another head of this log.")


def _continuing(frozen: Frozen) -> dict[str, tuple[int, str]]:
    """Size and root at which other logs of the namespace, by origin, say in genesis that they continue this one."""
    others = Stream.objects.filter(namespace=frozen.stream.namespace).exclude(pk=frozen.stream.id)
    rows = Leaf.objects.filter(stream_id__in=list(others.values_list("pk", flat=True)), index=0)
    found: dict[str, tuple[int, str]] = {}
    for raw in rows.values_list("bytes", flat=True):
        try:
            leaf = parse(bytes(raw))
        except LedgerError:
            continue  # told where that log is verified
        taken = _object(leaf.fields.get("continues"))
        if taken.get("origin") == frozen.stream.origin:
            found[leaf.origin] = (int(str(taken["size"])), str(taken["root"]))
    return found


def _object(value: object) -> JSONObject:
    return value if isinstance(value, dict) else {}
