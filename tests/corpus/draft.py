"""A bundle in the making: its files as bytes, which a mutation may change, and the manifest over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ledger.core.bundle import (
    ATTACHED,
    CONSISTENCY,
    KEYS,
    LEAVES,
    OBJECTS,
    PAYLOAD_TYPE,
    RANGE_PROOF,
    README,
    RECEIPTS,
    Attached,
    Disclosed,
    Disclosure,
    Manifest,
    Period,
    Population,
    attached_line,
    bundle_chunks,
    consistency_document,
    keys_document,
    note_name,
    object_line,
    part_of,
    policy_name,
    range_document,
    readme,
    redacted_line,
)
from ledger.core.canonical import canonical
from ledger.core.control import ControlChainBroken, history
from ledger.core.dsse import sign_envelope
from ledger.core.envelope import Envelope
from ledger.core.merkle import consistency_proof, inclusion_proof, range_proof, reader_of, root
from ledger.core.strict_json import parse
from ledger.core.types import JSONObject, LeafIndex, TreeSize
from tests.corpus.keys import EXPORT, Key
from tests.corpus.log import Log

EXPORTED = "2026-11-21T10:00:00.000000Z"


@dataclass
class Draft:
    """Files of a bundle over `log`, and its manifest without files."""

    log: Log
    manifest: Manifest
    files: dict[str, bytes] = field(default_factory=dict)
    signer: Key = EXPORT

    def lines(self, name: str) -> list[bytes]:
        return self.files[name].splitlines()

    def put(self, name: str, lines: list[bytes]) -> None:
        self.files[name] = b"".join(line + b"\n" for line in lines)

    def edit(self, name: str, change: Callable[[list[bytes]], object]) -> None:
        """Change the lines of a file in place."""
        lines = self.lines(name)
        change(lines)
        self.put(name, lines)

    def edit_json(self, name: str, change: Callable[[JSONObject], object]) -> None:
        """Change a JSON document of one object in place and write it canonically."""
        value = parse(self.files[name])
        assert isinstance(value, dict)
        change(value)
        self.files[name] = canonical(value)

    def edit_line(self, name: str, number: int, change: Callable[[JSONObject], object]) -> None:
        """Change the JSON object in one line and write it canonically."""
        lines = self.lines(name)
        value = parse(lines[number])
        assert isinstance(value, dict)
        change(value)
        lines[number] = canonical(value)
        self.put(name, lines)

    def state(self, **changes: object) -> None:
        """Let the manifest say something else."""
        self.manifest = replace(self.manifest, **changes)  # type: ignore[arg-type]  # fields by name

    def signed_manifest(self, key: Key | None = None) -> bytes:
        """The manifest over the files as they are now, signed by `key`."""
        signer = key or self.signer
        kid = signer.delegated("export", self.manifest.origin).kid
        entries = {name: part_of(data).entry for name, data in self.files.items()}
        body = replace(self.manifest, files=entries, kid=kid).body()
        return sign_envelope(PAYLOAD_TYPE, body, kid, signer.sign).to_bytes()

    def tar(self, manifest: bytes) -> bytes:
        """The tar over the files as they are now and that manifest."""
        return b"".join(bundle_chunks({name: part_of(data) for name, data in self.files.items()}, manifest))


def draft_of(  # noqa: PLR0913 - each is one thing a request can ask for
    log: Log,
    first: int,
    last: int,
    *,
    disclosed: Disclosure | None = None,
    period: Period | None = None,
    population: Population | None = None,
    neighbours: bool = False,
    hidden: tuple[int, ...] = (),
    size: int | None = None,
) -> Draft:
    """A complete bundle over leaves `first` to `last`, under the newest checkpoint or that of `size`."""
    shown = disclosed or Disclosure()
    head = size or max(log.notes)
    events = sum(leaf.kind == "event" for leaf in log.leaves[first : last + 1])
    manifest = Manifest(
        origin=log.origin,
        log=log.leaves[0].leaf_hash,
        first=LeafIndex(first),
        last=LeafIndex(last),
        size=TreeSize(head),
        root=root(log.hashes[:head]),
        exported=EXPORTED,
        kid="",
        disclosed=shown,
        population=population or Population(events, events),
        files={},
        period=period,
        redacted=len(hidden),
    )
    draft = Draft(log, manifest)
    draft.put(LEAVES, [_line(log, index, hidden) for index in range(first, last + 1)])
    draft.files[README] = readme(log.origin, first, last, head, shown, period)
    _disclose(draft, shown, hidden)
    _prove(draft, neighbours=neighbours)
    return draft


def _line(log: Log, index: int, hidden: tuple[int, ...]) -> bytes:
    leaf = log.leaves[index]
    return redacted_line(index, leaf.leaf_hash) if index in hidden else leaf.raw


def _disclose(draft: Draft, shown: Disclosure, hidden: tuple[int, ...]) -> None:
    log, manifest = draft.log, draft.manifest
    inside = [index for index in range(manifest.first, manifest.last + 1) if index not in hidden]
    if shown.receipts:
        draft.put(RECEIPTS, [log.receipts[index].to_bytes() for index in inside if index in log.receipts])
    for role, flag in (("attrs", shown.attrs), ("payload", shown.payloads)):
        if flag:
            found = [(index, log.objects[index, role]) for index in inside if (index, role) in log.objects]
            rows = [Disclosed(LeafIndex(index), one.media_type, one.salt, one.data) for index, one in found]
            draft.put(OBJECTS[role], [object_line(row) for row in rows])


def _prove(draft: Draft, *, neighbours: bool) -> None:
    log, manifest = draft.log, draft.manifest
    size, read = manifest.size, reader_of(log.hashes[: manifest.size])
    proof = range_proof(manifest.first, manifest.last + 1, size, read)
    draft.files[RANGE_PROOF] = range_document(manifest.first, manifest.last, size, proof)
    sizes = [one for one in sorted(log.notes) if one == size or manifest.first < one < size]
    draft.files |= {note_name(one): log.notes[one].to_bytes() for one in sizes}
    proofs = {one: consistency_proof(one, size, read) for one in sizes if one < size}
    draft.files[CONSISTENCY] = consistency_document(size, proofs)
    attach(draft, wanted_outside(draft, neighbours=neighbours))
    control = [leaf for leaf in log.leaves[:size] if leaf.is_control]
    draft.files[KEYS] = _keys(control)
    draft.files |= {policy_name(part_of(text).sha256): text for text in log.policies}


def _keys(control: list[Envelope]) -> bytes:
    """keys.json; a chain that is broken on purpose has none, and the verifier does not get that far."""
    try:
        return keys_document(history(control))
    except ControlChainBroken:
        return canonical({})


def wanted_outside(draft: Draft, *, neighbours: bool = False) -> list[int]:
    """Control leaves, erasures, holds, gaps, the newest manifest, those over the ends; neighbours for a period."""
    manifest, leaves = draft.manifest, draft.log.leaves[: draft.manifest.size]
    wanted = {leaf.index for leaf in leaves if leaf.is_control or leaf.kind in {"erasure", "hold", "gap"}} | {
        manifest.size - 1
    }
    wanted |= {leaf.index for leaf in leaves if leaf.kind == "window" and _holds(leaf, {manifest.first, manifest.last})}
    if neighbours:
        anew = {leaf.index + 1 for leaf in leaves if leaf.kind == "segment" and leaf.index > manifest.last}
        wanted |= ({manifest.first - 1, manifest.last + 1} | anew) & set(range(manifest.size))
    return sorted(index for index in wanted if not manifest.first <= index <= manifest.last)


def _holds(leaf: Envelope, indices: set[int]) -> bool:
    """Whether the window of this manifest holds one of the leaves."""
    start, end = (int(str(leaf.fields[name])) for name in ("from", "to"))
    return any(start <= index <= end for index in indices)


def attach(draft: Draft, indices: list[int]) -> None:
    """Write attached.ndjson over these leaves."""
    log, size = draft.log, draft.manifest.size
    read = reader_of(log.hashes[:size])
    rows = [
        Attached(LeafIndex(index), log.leaves[index].raw, tuple(inclusion_proof(index, size, read)))
        for index in indices
    ]
    draft.put(ATTACHED, [attached_line(row) for row in rows])
