"""Steps 2 and 17: the manifest against the files, and its signature against the log's export keys."""

from __future__ import annotations

from ledger.core import ed25519
from ledger.core.bundle.layout import MANIFEST, REQUIRED
from ledger.core.bundle.manifest import PAYLOAD_TYPE, Manifest, parse_manifest
from ledger.core.dsse import pae, parse_envelope
from ledger.core.times import parse_time, time_at
from ledger.core.trust import Reader
from ledger.core.verify.case import Case
from ledger.core.verify.one_form import demand_one_form
from ledger.errors import EnvelopeMalformed, LedgerError

FUTURE_TOLERANCE_S = 300


def check_manifest(case: Case) -> None:
    """Read the manifest, compare every file with it, and record what is missing or extra."""
    findings, archive = case.findings, case.archive
    for name in REQUIRED:
        if not archive.has(name):
            findings.problem("file_missing", name, "Every bundle holds this file; it is not in the archive")
    if not archive.has(MANIFEST):
        findings.problem("file_missing", MANIFEST, "Every bundle holds a manifest; it is not in the archive")
        return
    try:
        signed = parse_envelope(raw := archive.read(MANIFEST))
        if signed.payload_type != PAYLOAD_TYPE:
            raise EnvelopeMalformed("The manifest has another payload type", why=ascii(signed.payload_type[:100]))
        manifest = parse_manifest(signed.payload)
        demand_one_form(raw, signed, manifest.kid)
        case.signed_manifest, case.manifest = signed, manifest
    except LedgerError as error:
        findings.refused(error, MANIFEST)
        return
    findings.ran("manifest")
    _tell_what_it_says(case, manifest)
    _compare_files(case)


def _tell_what_it_says(case: Case, manifest: Manifest) -> None:
    """What the exporter says is lacking is told, not checked; and nothing judges README.txt."""
    claims = case.findings
    claims.not_claimed("What README.txt says: it is for people, and nothing in it was compared.")
    for text in manifest.lacking:
        claims.not_claimed(f"The exporter says that this is lacking: {text}.")
    if manifest.left_out:
        claims.not_claimed(f"{manifest.left_out:,} older checkpoints of the range were left out, says the exporter.")


def latest_time(reader: Reader) -> str | None:
    """The latest time that does not lie ahead of the reader's clock; None without a clock."""
    now = reader.now
    return None if now is None else time_at(now + FUTURE_TOLERANCE_S)


def _compare_files(case: Case) -> None:
    findings, archive, manifest = case.findings, case.archive, case.manifest
    if manifest is None:
        return
    before = findings.count
    listed, present = manifest.files, archive.members
    for name in sorted(present.keys() - listed.keys() - {MANIFEST}):
        findings.problem("manifest_file_extra", name, "The archive holds this file, the manifest does not list it")
    for name in sorted(listed.keys() - present.keys()):
        findings.problem("file_missing", name[:100], "The manifest lists this file, the archive does not hold it")
    for name in sorted(listed.keys() & present.keys()):
        entry, member = listed[name], present[name]
        if (entry.size, entry.sha256) != (member.size, member.sha256):
            findings.problem(
                "manifest_file_mismatch",
                name,
                f"The manifest lists {entry.size:,} bytes with SHA-256 {entry.sha256[:16]}..., "
                f"the archive holds {member.size:,} bytes with {member.sha256[:16]}...",
            )
    findings.ran("files", compared=len(listed), since=before)


def check_manifest_signature(case: Case) -> None:
    """The manifest is signed by an export key that the log had delegated at the head."""
    findings, signed, manifest = case.findings, case.signed_manifest, case.manifest
    if signed is None or manifest is None:
        return
    if case.history is None or case.head is None:
        findings.problem("manifest_key_unknown", MANIFEST, "Without the control leaves no export key is known")
        return
    keys = case.history.delegated_at("export", case.head.checkpoint.size - 1)
    public, message = keys.get(manifest.kid), pae(signed.payload_type, signed.payload)
    valid = False
    if public is None:
        findings.problem(
            "manifest_key_unknown",
            MANIFEST,
            f"The manifest names export key {manifest.kid}; the log delegates {', '.join(keys) or 'none'}",
        )
    else:
        valid = ed25519.verify(public, message, signed.signatures[0].sig)
    if public is not None and not valid:
        text = f"The signature does not verify under {manifest.kid}"
        findings.problem("manifest_signature_wrong", MANIFEST, text)
    findings.ran("manifest_signature", passed=valid)


def check_times(case: Case) -> None:
    """The time of the export does not lie ahead of the reader's clock."""
    now, manifest = case.reader.now, case.manifest
    if now is None:
        case.findings.not_claimed("Times were not compared with a clock: none was given.")
        return
    if manifest is not None and parse_time(manifest.exported).timestamp() > now + FUTURE_TOLERANCE_S:
        case.findings.problem("time_in_future", MANIFEST, f"Exported at {manifest.exported}, ahead of the clock")
    case.findings.ran("times", passed=not case.findings.has("time_in_future"))
