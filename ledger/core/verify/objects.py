"""Step 12: disclosed attributes and payloads by the commitments in their leaves.

Absent with an erasure leaf is a note, and so is present in spite of one; absent though disclosed is incomplete, not
disclosed is not claimed. Where they are not disclosed as a whole, those that are there are opened all the same.
"""

from __future__ import annotations

from typing import Final

from ledger.core.bundle.layout import OBJECTS, blob_name
from ledger.core.bundle.lines import MAX_LINE_BYTES, Disclosed, read_object
from ledger.core.commitment import ATTRS_MEDIA_TYPE, open_commitment
from ledger.core.erasure import erased_spans
from ledger.core.spans import holds_index
from ledger.core.strict_json import parse
from ledger.core.verify import table
from ledger.core.verify.case import Case
from ledger.errors import CommitmentMismatch, LeafSchema, LedgerError

MAX_BLOB_BYTES: Final = 256 << 20
WRONG: Final = {"attrs": "attrs_digest_mismatch", "payload": "payload_digest_mismatch"}
_ERASURE = frozenset({"erasure"})


def check_objects(case: Case) -> None:
    """Open every disclosed object; record those that are absent."""
    if case.leaves is None:
        return
    disclosed = case.manifest.disclosed if case.manifest is not None else None
    wanted = {
        "attrs": disclosed is None or disclosed.attrs,
        "payload": disclosed is None or disclosed.payloads,
    }
    passes: list[_Objects] = []
    for role, words in (("attrs", "Attributes (id, source, time, subject)"), ("payload", "Payloads")):
        if not wanted[role] and not case.archive.has(OBJECTS[role]):
            case.findings.not_claimed(f"{words} are not disclosed in this bundle.")
            continue
        if not wanted[role]:
            case.findings.not_claimed(f"{words} are disclosed for some events alone in this bundle.")
        passes.append(_Objects(case, role, whole=wanted[role]))
        passes[-1].run()
    strays = _strays(case, {name for one in passes for name in one.files})
    for name in strays:
        case.findings.problem("manifest_file_extra", name, "No disclosed object names this file")
    if passes:
        clean = all(one.clean for one in passes) and not strays
        case.findings.ran("objects", compared=sum(one.compared for one in passes), passed=clean)


def _strays(case: Case, named: set[str]) -> list[str]:
    """Files of payloads that nothing compared with a leaf."""
    return [name for name in case.archive.names("objects/") if name not in named | set(OBJECTS.values())]


class _Objects:
    """All objects of one role."""

    def __init__(self, case: Case, role: str, *, whole: bool) -> None:
        self.case, self.role, self.findings, self.whole = case, role, case.findings, whole
        self.seen = bytearray(len(case.leaves) if case.leaves is not None else 0)
        self.clean = True
        self.compared = 0
        self.files: set[str] = set()

    def run(self) -> None:
        """Open every line, then record what is absent; `clean` if all was there or is explained."""
        name = OBJECTS[self.role]
        if self.case.archive.has(name):
            for number, line in enumerate(self.case.archive.lines(name, MAX_LINE_BYTES), 1):
                try:
                    self._check(read_object(line), f"{name}:{number}")
                except CommitmentMismatch as error:
                    self._wrong(f"{name}:{number}", error.what)
                except LedgerError as error:
                    self.clean = False
                    self.findings.refused(error, f"{name}:{number}")
        if self.whole:
            self._absent(name)

    def _check(self, disclosed: Disclosed, path: str) -> None:
        leaves = self.case.leaves
        place = leaves.place_of(disclosed.index) if leaves is not None else None
        known = leaves.commitment(self.case.archive, place, self.role) if leaves and place is not None else None
        if known is None or place is None or self.seen[place]:
            self._wrong(path, f"No event {disclosed.index} of this range commits to this object")
            return
        self.seen[place] = 1
        if self.role == "attrs" and disclosed.media_type != ATTRS_MEDIA_TYPE:
            raise LeafSchema("Attributes have one media type", why=ascii(disclosed.media_type[:80]))
        data = self._bytes(disclosed, path)
        if data is not None:
            self.compared += 1
            open_commitment(known, disclosed.salt, disclosed.media_type, data)
            if self.role == "attrs" and not isinstance(parse(data), dict):
                raise LeafSchema("Attributes must be a JSON object")

    def _bytes(self, disclosed: Disclosed, path: str) -> bytes | None:
        if disclosed.file is None:
            return disclosed.data
        if disclosed.file != blob_name(disclosed.index) or self.role != "payload":
            raise LeafSchema("A large payload lies in the file of its index", why=ascii(disclosed.file))
        self.files.add(disclosed.file)
        if self.case.archive.has(disclosed.file):
            return self.case.archive.read(disclosed.file, MAX_BLOB_BYTES)
        self.clean = False
        self.findings.problem("payload_missing", path, f"The file {disclosed.file} is not there")
        return None

    def _wrong(self, path: str, message: str) -> None:
        self.clean = False
        self.findings.problem(WRONG[self.role], path, message)

    def _absent(self, name: str) -> None:
        leaves = self.case.leaves
        if leaves is None:
            return
        erased = erased_spans(self.case.known(_ERASURE).values(), self.role)
        absent = [place for place, state in enumerate(leaves.states) if state == table.EVENT and not self.seen[place]]
        lacking = [leaves.index_at(place) for place in absent if not holds_index(erased, leaves.index_at(place))]
        if erased:
            kept = (leaves.index_at(place) for place, seen in enumerate(self.seen) if seen)
            self._kept(name, [index for index in kept if holds_index(erased, index)])
        if len(absent) > len(lacking):
            self.findings.note(
                "payload_erased",
                name,
                f"{len(absent) - len(lacking):,} objects were erased, with erasure leaves",
            )
        for index in lacking[:20]:
            self.findings.problem(
                "payload_missing",
                name,
                f"The {self.role} of event {index} is not there, and no erasure leaf says why",
            )
        if lacking[20:]:
            self.findings.problem("payload_missing", name, f"{len(lacking) - 20:,} more are not there")
        self.clean = self.clean and not lacking

    def _kept(self, name: str, kept: list[int]) -> None:
        """What a bundle still carries was erased in the log all the same: by then it may be gone elsewhere."""
        for index in kept:
            self.findings.note("payload_kept", name, f"The {self.role} of event {index} is here, and was erased since")
