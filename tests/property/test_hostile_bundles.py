"""Random damage to a good bundle: never an exception, and never verified unless the tar is the same."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.core.codes import CODES
from ledger.core.report import Report
from ledger.core.trust import Reader
from ledger.core.verify import verify_bundle, verify_checkpoint, verify_proof, verify_receipt
from ledger.core.witness_policy import parse_policy
from tests.corpus.cases import NOW, POLICY, base, own, packed
from tests.corpus.draft import Draft
from tests.corpus.singles import note, proof, receipt

GOOD = own(base())
PACKED = packed(GOOD)
READER = Reader(parse_policy(POLICY), now=NOW)
SINGLES: dict[str, tuple[bytes, Callable[[bytes], Report]]] = {
    "checkpoint": (note(), lambda data: verify_checkpoint(data, READER)),
    "proof": (proof(7), lambda data: verify_proof(data, None, READER)),
    "receipt": (receipt(), lambda data: verify_receipt(data, READER)),
}


def judged(data: bytes) -> Report:
    return verify_bundle(io.BytesIO(data), io.BytesIO(), READER)


def known(report: Report) -> None:
    assert {problem.code for problem in report.problems} <= CODES.keys()
    assert report.outcome != "verified" or not report.problems


def dice_of(seed: int) -> Random:
    return Random(seed)  # noqa: S311  repeatable damage, no secret


def damaged(data: bytes, dice: Random) -> bytes:
    """One to three changes: a flipped bit, another byte, a cut, a repeated or a removed piece."""
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(data))
        end = min(len(data), at + dice.randint(1, 600))
        data = (
            dice.choice(
                (
                    data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :],
                    data[:at] + dice.randbytes(1) + data[at + 1 :],
                    data[:at] + data[at:end] + data[at:end] + data[end:],
                    data[:at] + data[end:],
                    data[:at] if dice.random() < 0.2 else data,
                )
            )
            or b"\0"
        )
    return data


def test_a_damaged_tar_is_never_verified() -> None:
    reached: Counter[str] = Counter()
    for seed in range(1_500):
        data = damaged(GOOD, dice_of(seed))
        report = judged(data)
        known(report)
        if data == GOOD:
            continue
        assert report.outcome != "verified", seed
        reached.update(report.codes)
    assert reached["archive_malformed"] > 100
    assert reached["manifest_file_mismatch"] > 100
    assert len(reached) >= 10, reached


def test_a_damaged_download_is_never_verified_unless_the_tar_is_the_same() -> None:
    same = 0
    for seed in range(400):
        report = judged(damaged(PACKED, dice_of(seed)))
        known(report)
        if report.outcome == "verified":
            assert report.subject["bundle"] == judged(GOOD).subject["bundle"]
            same += 1
    assert same < 100


def test_damage_inside_the_files_under_a_fresh_manifest_never_raises() -> None:
    """The manifest fits, signed by the log's own export key: every parser behind it is reached."""
    reached: Counter[str] = Counter()
    draft = base()
    manifest = draft.signed_manifest()
    for seed in range(1_500):
        dice = dice_of(seed)
        name = dice.choice(sorted(draft.files))
        hurt = Draft(draft.log, draft.manifest, {**draft.files, name: damaged(draft.files[name], dice)})
        if hurt.files == draft.files:
            continue
        report = judged(hurt.tar(hurt.signed_manifest()))
        known(report)
        reached.update(report.codes)
        if report.outcome == "verified":
            assert name == "README.txt", (seed, name)
    assert len(reached) >= 25, reached
    assert judged(draft.tar(manifest)).outcome == "verified"


def test_damage_to_single_evidence_never_raises() -> None:
    for good, verify in SINGLES.values():
        assert verify(good).outcome == "verified"
        outcomes: Counter[str] = Counter()
        for seed in range(300):
            report = verify(damaged(good, dice_of(seed)))
            known(report)
            outcomes[report.outcome] += 1
        assert outcomes["rejected"] > 50, outcomes


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=3_000))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    for report in (judged(data), *(verify(data) for _, verify in SINGLES.values())):
        known(report)
        assert report.outcome != "verified"
