"""One bundle from its request: parts, proofs, manifest, tar.gz; then the offline verifier's verdict; then
the store.

The verifier reads the finished file under the log's own key, as a stranger would. Its outcome and report
stand in the row; a file that it rejects is kept for whoever looks for the cause, and told as such.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from ledger.core.bundle import (
    ATTACHED,
    CONSISTENCY,
    KEYS,
    PAYLOAD_TYPE,
    RANGE_PROOF,
    README,
    Manifest,
    Part,
    attached_line,
    bundle_chunks,
    consistency_document,
    keys_document,
    note_name,
    part_of,
    policy_name,
    range_document,
    readme,
)
from ledger.core.bundle.layout import CHANGES, PREDECESSOR
from ledger.core.checkpoint import parse_checkpoint
from ledger.core.dsse import sign_envelope
from ledger.core.gzip_stream import compressed
from ledger.core.note import parse_note
from ledger.core.report import Report
from ledger.core.schemas import PARTS
from ledger.core.tar import Limits
from ledger.core.times import format_time
from ledger.core.trust import Reader, ReaderTrust
from ledger.core.types import LeafIndex
from ledger.core.verify import verify_bundle
from ledger.core.witness_policy import Policy, parse_policy
from ledger.errors import ExportFailed
from ledger.models import Bundle, Job, StreamHead
from ledger.selectors import evidence
from ledger.selectors.bundles import BundleView
from ledger.selectors.continued import predecessor_note
from ledger.selectors.decided import named_in
from ledger.selectors.notices import overlapping
from ledger.selectors.streams import StreamView
from ledger.services import jobs
from ledger.services.export_decisions import decisions_part, log_of, verdict
from ledger.services.export_parts import Counts, PartFile, RangeWriter, file_part
from ledger.storage import bundle_key, store
from ledger.storage.signer import signer

BEAT_EVERY_S = 5.0
_OWN = Limits(tar_bytes=64 << 30)
"""What our own bundles may unpack to; a reader's default is lower and is raised with --max-bytes."""


def write_bundle(held: jobs.Claim, stream: StreamView, asked: BundleView) -> dict[str, Any]:
    """Write, verify and store the bundle; returns the job's result. Raises LedgerError, OSError,
    JobConflict. Whatever is raised, no file is left that no row names.
    """
    key = bundle_key(asked.public_id.hex)
    work = Path(settings.COUNTERSIGN_STATE_DIR) / "work"
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=work, prefix="export-") as name:
        folder = Path(name)
        decisions = decisions_part(stream, asked, folder, partial(_written, held))
        parts, counts = _parts(held, stream, asked, folder)
        parts |= {CHANGES: decisions} if decisions is not None else {}
        manifest = _manifest(stream, asked, parts, counts)
        target = folder / "bundle.tar.gz"
        sizes = _packed(target, bundle_chunks(parts, manifest), _Beat(held, "packing"))
        parts.clear()
        policy = _policy_in_force(stream, asked.head_size)
        report = _verified(stream, policy, target, folder / "scratch", _Beat(held, "verifying"))
        said = _verdict(stream, asked, decisions)
        try:
            store().put_file(key, target)
            _store(held, asked, key, sizes, {**report.to_json(), **said}, report.outcome)
        except BaseException:
            _discard(held, asked, key)
            raise
    return {"bundle": str(asked.public_id), "outcome": report.outcome, "bytes": sizes.file_size}


class _Sizes:
    """What is learnt of a file while it is written."""

    def __init__(self) -> None:
        self.tar, self.file, self.file_size = sha256(), sha256(), 0


class _Beat:
    """Extends the job's lease every few seconds; raises JobConflict once the job is no longer ours."""

    def __init__(self, held: jobs.Claim, message: str) -> None:
        self._held, self._next = held, monotonic() + BEAT_EVERY_S
        total = held.job.total or 0
        jobs.progress(held, total, message=message)

    def __call__(self, *_: object) -> None:
        if monotonic() >= self._next:
            self._next = monotonic() + BEAT_EVERY_S
            jobs.heartbeat(self._held)


def _written(held: jobs.Claim, stream: StreamView, asked: BundleView, opened: frozenset[int], folder: Path) -> Part:
    """A log as a bundle of its own, uncompressed, with the content of the leaves `opened` alone."""
    parts, told = _parts(held, stream, asked, folder, opened)
    target = folder / "whole.tar"
    with target.open("wb") as file:
        for chunk in bundle_chunks(parts, _manifest(stream, asked, parts, told)):
            file.write(chunk)
    return file_part(target)


def _parts(
    held: jobs.Claim, stream: StreamView, asked: BundleView, folder: Path, only: frozenset[int] | None = None
) -> tuple[dict[str, Part], _Told]:  # fmt: skip
    first, last, size = asked.first, asked.last, asked.head_size
    notes, left_out = evidence.heads(stream, first, last, size)
    proofs = evidence.consistency_proofs(stream, sorted(notes), size)
    history = evidence.history_at(stream, size)
    digests = [digest for _, digest in history.policies]
    parts = {note_name(height): part_of(note) for height, note in {**notes, size: asked.note}.items()}
    parts |= {policy_name(digest): part_of(text) for digest, text in evidence.policy_texts(digests).items()}
    hashes = evidence.range_hashes_at(stream, first, last, size)
    parts[RANGE_PROOF] = part_of(range_document(first, last, size, hashes))
    parts[CONSISTENCY] = part_of(consistency_document(size, proofs))
    before = predecessor_note(stream)
    parts |= {PREDECESSOR: part_of(before)} if before is not None else {}
    parts[KEYS] = part_of(keys_document(history))
    with_decisions = asked.decisions is not None
    text = readme(stream.origin, first, last, size, asked.disclosure, asked.period, decisions=with_decisions)
    parts[README] = part_of(text)
    parts[ATTACHED] = _attached(stream, asked, folder)
    writer = RangeWriter(
        stream,
        folder,
        asked.disclosure,
        asked.period,
        lambda done: jobs.progress(held, done if only is None else 0, message="reading leaves"),
        only,
    )
    parts |= writer.write(first, last)
    return parts, _Told(writer.counts, left_out)


class _Told:
    """Numbers for the manifest."""

    def __init__(self, counts: Counts, left_out: int) -> None:
        self.counts, self.left_out = counts, left_out


def _attached(stream: StreamView, asked: BundleView, folder: Path) -> Part:
    rows = evidence.attached(stream, asked.first, asked.last, asked.head_size, neighbours=asked.period is not None)
    part = PartFile(folder / ATTACHED)
    for row in rows:
        part.line(attached_line(row))
    return part.close()


def _manifest(stream: StreamView, asked: BundleView, parts: dict[str, Part], told: _Told) -> bytes:
    head = parse_checkpoint(parse_note(asked.note).text)
    key = evidence.export_key(stream, asked.head_size)
    manifest = Manifest(
        origin=stream.origin,
        log=stream.log,
        first=LeafIndex(asked.first),
        last=LeafIndex(asked.last),
        size=head.size,
        root=head.root,
        exported=format_time(asked.created),
        kid=key.kid,
        disclosed=asked.disclosure,
        population=told.counts.population(asked.period),
        files={name: part.entry for name, part in parts.items()},
        period=asked.period,
        left_out=told.left_out,
        lacking=told.counts.lacking(),
    )
    signed = sign_envelope(PAYLOAD_TYPE, manifest.body(), key.kid, lambda message: signer().sign(key, message))
    return signed.to_bytes()


def _packed(target: Path, tar: Iterator[bytes], beat: _Beat) -> _Sizes:
    sizes = _Sizes()

    def hashed() -> Iterator[bytes]:
        for chunk in tar:
            sizes.tar.update(chunk)
            beat()
            yield chunk

    with target.open("wb") as file:
        for piece in compressed(hashed()):
            sizes.file.update(piece)
            sizes.file_size += len(piece)
            file.write(piece)
    return sizes


class _BeatingFile:
    """A file that extends the job's lease while the verifier reads it."""

    def __init__(self, file: BinaryIO, beat: _Beat) -> None:
        self._file, self._beat = file, beat

    def read(self, size: int = -1) -> bytes:
        self._beat()
        return self._file.read(size)

    def write(self, data: bytes) -> int:
        self._beat()
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _policy_in_force(stream: StreamView, size: int) -> Policy:
    """Witnesses and quorum as the policy in force at the head of `size` has them, with the log's keys at that size.

    The keys come from the control leaves, since a key leaf changes them without a new policy. Without its text (the
    bundle then lacks it too, and the report says so) nobody is asked for.
    """
    known = evidence.history_at(stream, size)
    digest = known.policy_at(size)
    text = evidence.policy_texts([digest]).get(digest, b"quorum none\n").decode()
    demands = [line for line in text.splitlines() if line.split()[:1] != ["log"]]
    return parse_policy("".join(f"{line}\n" for line in (*(f"log {key}" for key in known.log_keys_at(size)), *demands)))


def _now() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::bigint")
        (now,) = cursor.fetchone() or (None,)
    return now


def _verified(stream: StreamView, policy: Policy, target: Path, scratch: Path, beat: _Beat) -> Report:
    now = _now()
    with target.open("rb") as source, scratch.open("w+b") as room:
        beating: Any = _BeatingFile(room, beat)
        return verify_bundle(source, beating, Reader(policy, ReaderTrust(genesis=stream.log), now), _OWN)


def _check_erased_since(asked: BundleView, key: str) -> None:
    """Refuse a file that may hold what was erased while it was written.

    Under the stream's lock: an erasure leaf stands before it, or forgets the file behind it.
    """
    size = StreamHead.objects.select_for_update().values_list("size", flat=True).get(pk=asked.stream_id)
    shown = [part for part in PARTS if part in asked.disclose]
    erased = overlapping(asked.stream_id, asked.first, asked.last, size, ("erasure",)) if shown else set()
    if any(index >= asked.head_size for index in erased):
        store().delete(key)
        raise ExportFailed(
            "Content of the range was erased while the bundle was made",
            why=f"erasure leaf {max(erased):,}",
            next_step="Ask for the bundle again, once a checkpoint covers that leaf.",
        )


def _discard(held: jobs.Claim, asked: BundleView, key: str) -> None:
    """Remove a file that no row names. Under the job's lock: who carries the job on may have put its own there."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=held.job.id)
        if job.state in jobs.OPEN and job.fencing != held.fencing:
            return
        if Bundle.objects.filter(pk=asked.id).exclude(file=key).exists():
            store().delete(key)


def _verdict(stream: StreamView, asked: BundleView, decisions: Part | None) -> dict[str, Any]:
    """What the judge says of the decisions, for the row; nothing where none travel along."""
    if decisions is None or asked.decisions is None:
        return {}
    named = named_in(stream, asked.first, asked.last, asked.head_size)
    log = log_of(stream, named)
    if log is None:  # pragma: no cover  (there would be no part)
        return {}
    return {"decisions": verdict(named, decisions, _policy_in_force(log, asked.decisions), _now())}


def _store(
    held: jobs.Claim, asked: BundleView, key: str, sizes: _Sizes, report: dict[str, Any], outcome: str
) -> None:  # fmt: skip
    """Enter the result, if the job is still ours."""
    with transaction.atomic():
        _check_erased_since(asked, key)
        jobs.heartbeat(held)
        Bundle.objects.filter(pk=asked.id).update(
            file=key,
            file_size=sizes.file_size,
            file_sha256=sizes.file.hexdigest(),
            bundle_id=sizes.tar.hexdigest(),
            outcome=outcome,
            report=report,
            finished=Now(),
        )
