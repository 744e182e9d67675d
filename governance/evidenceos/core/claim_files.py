"""A claim from the files that somebody was given: each is recognised by what it holds, and the claim verified.

Guarantees that keys never come out of the files: whoever verifies names them.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.capsule import read_capsule
from governance.evidenceos.core.claim import ClaimInput, verify_claim
from governance.evidenceos.core.digests import log_key_id
from governance.evidenceos.core.etl import CAPSULE_SCHEMA
from governance.evidenceos.core.fields import malformed
from governance.evidenceos.core.jsons import parse
from governance.evidenceos.core.keys import KEY_BYTES, read_key_file
from governance.evidenceos.core.nullspec import SCHEMA, Contract, read_contract
from governance.evidenceos.core.proto import Fetched, read_fetched, read_head, read_snapshot
from governance.evidenceos.core.report import STEPS
from governance.evidenceos.core.revocations import Snapshot
from governance.evidenceos.core.tree_head import TreeHead
from governance.evidenceos.errors import EvidenceOSRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.core.report import Report

ANSWERS: Final = {
    "verified": "The claim is in the log under a head that you trust, and neither it nor what it rests on was revoked.",
    "rejected": "Do not rely on this claim: what was shown does not hold together, or it was revoked.",
    "incomplete": "Nothing was found wrong, and something could not be checked. Do not rely on this claim yet.",
}
_STATES: Final = {True: "pass", False: "fail", None: "not_evaluated"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One file: its name, what it was taken for, its size and SHA-256, and why it could not be read."""

    name: str
    what: str
    size: int
    digest: str
    problem: str = ""


@dataclass(slots=True)
class Evidence:
    """What the files hold."""

    shown: list[Shown] = field(default_factory=list)
    fetched: list[Fetched] = field(default_factory=list)
    revocations: Snapshot | None = None
    remembered: TreeHead | None = None
    contract: Contract | None = None
    capsules: dict[bytes, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the verification in words, with its state."""

    state: str
    words: str


def sorted_out(files: Iterable[tuple[str, bytes]]) -> Evidence:
    """Take each file for what it holds; one that cannot be read is told, and hides no other."""
    found = Evidence()
    for name, data in files:
        try:
            what, problem = _taken(found, data), ""
        except EvidenceOSRefused as refused:
            what, problem = "not read", f"{refused.path}: {refused.why}. {refused.next_step}"
        found.shown.append(Shown(name, what, len(data), sha256(data).hexdigest(), problem))
    return found


def keys_of(text: str) -> dict[bytes, bytes]:
    """Public keys of the log by their id, one a line in hexadecimal digits or Base64; raises FieldMalformed."""
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    publics = [_public(line, f"line {n}") for n, line in lines]
    return {log_key_id(public): public for public in publics}


def judged(found: Evidence, keys: dict[bytes, bytes], claim_id: str | None) -> Report | None:
    """The report on the claim; None where no file holds one, or where it is not clear which is meant."""
    main = _main(found, claim_id)
    if main is None:
        return None
    others = {one.capsule_hash: one.capsule for one in found.fetched if one is not main}
    return verify_claim(
        ClaimInput(main, keys, found.revocations, found.remembered, found.contract, claim_id, others | found.capsules)
    )


def steps_of(report: Report) -> list[Step]:
    """Every step there is, also those that did not run."""
    ran = {name: name not in report.failed for name in report.checked}
    return [Step(_STATES[ran.get(name)], words[:1].upper() + words[1:]) for name, words in STEPS.items()]


def _taken(found: Evidence, data: bytes) -> str:
    members = parse(data)
    if not isinstance(members, dict):
        raise malformed("$", "an object", members)
    schema = members.get("schema")
    if {"capsuleBytes", "capsule_bytes"} & members.keys():
        found.fetched.append(read_fetched(data))
        return "answer of FetchCapsule"
    if schema == SCHEMA:
        found.contract = read_contract(data)
        return "NullSpec contract"
    if schema == CAPSULE_SCHEMA:
        found.capsules[read_capsule(data).hash] = data
        return "capsule that the claim rests on"
    if {"rootHash", "root_hash"} & members.keys():
        found.remembered = read_head(data)
        return "tree head that was seen before"
    found.revocations = read_snapshot(data)
    return "list of revocations"


def _main(found: Evidence, claim_id: str | None) -> Fetched | None:
    """The claim that is meant: the one that is named, or the one on which no other rests."""
    named = [(one, _capsule(one)) for one in found.fetched]
    if claim_id is not None and len(named) > 1:
        return next((one for one, (claim, _) in named if claim == claim_id), None)
    rested = {one for _, (_, rests) in named for one in rests}
    tops = [one for one, _ in named if one.capsule_hash not in rested]
    return tops[0] if len(tops) == 1 else None


def _capsule(fetched: Fetched) -> tuple[str, Sequence[bytes]]:
    try:
        capsule = read_capsule(fetched.capsule)
    except EvidenceOSRefused:
        return "", ()
    return capsule.claim_id_hex, capsule.dependencies


def _public(text: str, path: str) -> bytes:
    if len(text) < 2 * KEY_BYTES:
        try:
            text = base64.b64decode(text, validate=True).hex()
        except (binascii.Error, ValueError):
            raise malformed(path, "an Ed25519 public key in hexadecimal digits or Base64", text) from None
    try:
        return read_key_file(text.encode("utf-8"))
    except EvidenceOSRefused as refused:
        raise malformed(path, "an Ed25519 public key", refused.why or text) from None
