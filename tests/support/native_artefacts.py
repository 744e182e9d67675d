"""Native artefacts for tests: of every kind by EvidenceOS' own writers, bent ones, and statements with them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from governance.change.core.native import declared
from governance.change.core.native_forms import EPOCH, KINDS, NULLSPEC, RECORD
from governance.change.core.statement import Statement, built, digest_of
from governance.change.core.verbs import Verb
from governance.change.errors import NativeMalformed
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.events import GovernanceEvent
from governance.evidenceos.core.nullspec import (
    Contract,
    Dirichlet,
    DiscreteBuckets,
    FixedAlternative,
    ParametricBernoulli,
)
from governance.evidenceos.core.operator import Attestation, OperatorRecord
from governance.sign.keyfile import KeyFile
from tests.support.signing import fields_for

U64_MAX = 2**64 - 1
NUMBERS = (0, 1, 7, 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**63 + 1, U64_MAX)
NAMES = (
    "builtin.accuracy",
    "o",
    "Grüße",
    "世界",
    "a b",
    'quote"d',
    "back\\slash",
    "line\nbreak",
    "\u202eevil",
    "<b>",
    "😀",
)
FRACTIONS = (0.25, 0.5, 1e-5, 1e-6, 1.5e-7, 1e16, 0.1, 1.0, 123456789.125)
SPICE = (
    b" ",
    b"\n",
    b",",
    b"0",
    b"1",
    b"-0",
    b".0",
    b"e+2",
    b'"',
    b"\\u0041",
    b"\\u001f",
    b"\\/",
    b"null",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"a":1,',
    b"\xff",
    b"\xef\xbb\xbf",
    b"e\xcc\x81",
    b"18446744073709551616",
    b"256",
    b"\xf0\x9f\xab\xa8",
)


def contract(chance: random.Random) -> Contract:
    """A NullSpec contract; numbers go up to 2^64-1."""
    buckets = chance.random() < 0.5
    numbers = tuple(chance.choice(FRACTIONS) for _ in range(chance.randint(1, 4)))
    return Contract(
        oracle_id=chance.choice(NAMES), oracle_resolution_hash=chance.randbytes(32),
        holdout_handle=chance.choice(NAMES),
        epoch_created=chance.choice(NUMBERS), ttl_epochs=chance.choice(NUMBERS),
        kind=DiscreteBuckets(numbers) if buckets else ParametricBernoulli(0.5),
        eprocess=Dirichlet(numbers) if buckets else FixedAlternative((0.25, 0.75)),
        calibration_manifest_hash=chance.choice((None, chance.randbytes(32))), created_by=chance.choice(NAMES),
    )  # fmt: skip


def record(chance: random.Random) -> OperatorRecord:
    """An operator record with everything that may be absent, sometimes."""
    return OperatorRecord(
        ttl_epochs=chance.choice(NUMBERS), updated_at_epoch=chance.choice((*NUMBERS, 1_735_689_600)),
        key_id=chance.choice(NAMES), calibration_manifest_hash_hex=chance.choice((None, "ab" * 32)),
        calibration_epoch=chance.choice((None, *NUMBERS)),
        disjointness_attestation=chance.choice((None, Attestation("oracle_disjointness_v1", "all", "cd" * 32))),
        nonoverlap_proof_uri=chance.choice((None, "https://proof.example/1")),
    )  # fmt: skip


def event(chance: random.Random) -> GovernanceEvent:
    """A line of the governance event log, before it is signed."""
    kind, payload = chance.choice((
        ("oracle_ttl_set", {"oracle_id": chance.choice(NAMES), "ttl_epochs": chance.choice(NUMBERS)}),
        ("oracle_calibration_rotated", {"oracle_id": chance.choice(NAMES), "calibration_hash": "ef" * 32}),
        ("epoch_advanced", {"to": chance.choice(NUMBERS)}),
    ))  # fmt: skip
    told: Any = payload
    return GovernanceEvent(kind, chance.choice((*NUMBERS, 1_735_689_600)), chance.choice(NAMES), told)


def payload(kind: str, chance: random.Random) -> bytes:
    """The whole payload of one good artefact."""
    if kind == NULLSPEC:
        return contract(chance).signing_payload()
    if kind == RECORD:
        return record(chance).payload(chance.choice(NAMES))
    if kind == EPOCH:
        return EpochControl(chance.choice(NUMBERS), chance.choice(NUMBERS), chance.choice(NAMES)).payload()
    return event(chance).message()


def artefacts(count: int, seed: str) -> Iterator[tuple[str, bytes]]:
    """`count` artefacts, the same for the same seed: every second one bent in one to three places."""
    chance = random.Random(seed)  # noqa: S311 - the same artefacts on every run
    for place in range(count):
        kind = KINDS[place % len(KINDS)]
        data = payload(kind, chance)
        yield kind, data if place % 8 < len(KINDS) else _bent(data, chance)


def _bent(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(data) + 1)
        until = min(len(data), at + chance.choice((0, 0, 1, 1, 2)))
        data = data[:at] + chance.choice((b"", *SPICE, data[at:][:9])) + data[until:]
    return data


def listed(kind: str, data: bytes) -> dict[str, Any]:
    """What a body lists of an artefact: contracts are the author's, all else is the executor's; zeros of a bad one."""
    by = "author" if kind == NULLSPEC else "executor"
    try:
        return declared(kind, by, data)
    except NativeMalformed:
        return {"kind": kind, "by": by, "sha256": "0" * 64}


def statement_with(key: KeyFile, verb: Verb, given: list[tuple[str, bytes]], **more: Any) -> Statement:
    """A statement whose body lists these artefacts."""
    made = fields_for(key, verb, **more)
    body = {**made["change"]["body"], "native": [listed(kind, data) for kind, data in given]}
    made["change"] |= {"body": body, "body_digest": digest_of(body)}
    return built(made)
