"""A claim is verified offline: one sentence of an attacker is enough to reject it, and nothing missing passes."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from governance.evidenceos.core.claim import ClaimInput, verify_claim
from governance.evidenceos.core.proto import read_fetched, read_head, read_snapshot
from governance.evidenceos.core.tree_head import TreeHead
from governance.evidenceos.errors import EvidenceOSRefused
from ledger.core.report import Report
from tests.support.evidenceos import BERNOULLI, CONTRACT, LOG, STRANGER, public, sign, signed, unsigned
from tests.support.evidenceos_files import (
    CAPSULE,
    ENTRIES,
    LOG_KEYS,
    b64,
    capsule,
    fetched_json,
    head,
    head_json,
    snapshot,
)

GIVEN = ClaimInput(read_fetched(fetched_json()), LOG_KEYS, snapshot())


def verdict(**changes: Any) -> tuple[str, set[str]]:
    report = verify_claim(replace(GIVEN, **changes))
    return report.outcome, set(report.codes)


def with_fetched(**changes: Any) -> tuple[str, set[str]]:
    return verdict(fetched=replace(GIVEN.fetched, **changes))


def own(data: bytes) -> ClaimInput:
    """A claim on a log whose one entry is this capsule."""
    fetched = read_fetched(fetched_json(data, 0, [data]))
    return ClaimInput(fetched, LOG_KEYS, snapshot(at=head(1, [data])))


def test_a_sound_claim_is_verified_and_says_what_it_does_not_claim() -> None:
    report: Report = verify_claim(GIVEN)
    assert (report.outcome, report.problems) == ("verified", ())
    assert report.checked == ("capsule", "head", "inclusion", "revocations", "standing")
    assert report.subject["capsule_hash"] == sha256(CAPSULE).hexdigest()
    assert len(report.not_claimed) == 3
    assert json.loads(json.dumps(report.to_json()))["ok"] is True


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"capsule": CAPSULE + b" "},
            {"evidenceos_not_canonical", "capsule_hash_mismatch", "etl_leaf_mismatch", "etl_inclusion_invalid"},
        ),
        ({"capsule_hash": b"\0" * 32}, {"capsule_hash_mismatch"}),
        ({"etl_index": 3}, {"etl_place_mismatch", "etl_inclusion_invalid"}),
        ({"root_hash": b"\0" * 32}, {"etl_place_mismatch"}),
        ({"tree_size": 4}, {"etl_place_mismatch"}),
        ({"capsule": b"{"}, {"evidenceos_json", "etl_leaf_mismatch", "etl_inclusion_invalid"}),
    ],
)
def test_what_was_altered_is_rejected(changes: dict[str, Any], found: set[str]) -> None:
    outcome, codes = with_fetched(**changes)
    assert outcome == "rejected"
    assert codes - {"step_missing"} == found


def test_a_capsule_of_another_schema_or_claim_is_rejected() -> None:
    assert "capsule_schema" in verify_claim(own(capsule(schema="x"))).codes
    assert verdict(claim_id="00" * 32) == ("rejected", {"capsule_mismatch"})
    assert verdict(claim_id="c1" * 32) == ("verified", set())


def test_a_head_by_another_hand_is_rejected_and_by_an_unknown_one_incomplete() -> None:
    forged = replace(head(), signature=sign(STRANGER, head().signed_digest()))
    assert "tree_head_signature_wrong" in with_fetched(head=forged)[1]
    outcome, codes = verdict(keys={})
    assert outcome == "incomplete"
    assert codes == {"tree_head_key_unknown", "revocations_key_unknown"}


def test_what_is_missing_is_never_verified() -> None:
    assert with_fetched(inclusion=None) == ("incomplete", {"inclusion_missing", "step_missing"})
    assert verdict(revocations=None) == ("incomplete", {"revocations_missing", "step_missing"})
    outcome, codes = with_fetched(head=None)
    assert outcome == "incomplete"
    assert codes == {"tree_head_missing", "step_missing"}


def test_a_path_with_a_hash_too_many_or_too_few_proves_nothing() -> None:
    proof = GIVEN.fetched.inclusion
    assert proof is not None
    for path in (proof.audit_path[1:], (*proof.audit_path, b"\0" * 32)):
        assert with_fetched(inclusion=replace(proof, audit_path=path)) == ("rejected", {"etl_inclusion_invalid"})


def test_a_revoked_claim_and_one_that_rests_on_it_are_rejected() -> None:
    own_hash, far = sha256(CAPSULE).digest(), capsule("f0" * 32)
    middle = capsule("f1" * 32, (sha256(far).digest(),))
    given = own(capsule("f2" * 32, (sha256(middle).digest(),)))
    newest = given.fetched.head
    assert verdict(revocations=snapshot(own_hash)) == ("rejected", {"claim_revoked"})
    direct = replace(given, revocations=snapshot(sha256(middle).digest(), at=newest))
    assert verify_claim(direct).codes == {"claim_tainted", "dependencies_unknown"}
    shown = {sha256(one).digest(): one for one in (middle, far)}
    whole = replace(given, dependencies=shown, revocations=snapshot(sha256(far).digest(), at=newest))
    assert verify_claim(whole).codes == {"claim_tainted"}
    assert verify_claim(replace(given, dependencies=shown)).outcome == "verified"
    assert verify_claim(given).outcome == "incomplete"
    swapped = {sha256(middle).digest(): far}
    assert verify_claim(replace(given, dependencies=swapped)).codes == {"dependencies_unknown"}


def test_the_list_has_to_be_signed_and_as_new_as_the_head() -> None:
    forged = replace(snapshot(), signature=sign(STRANGER, snapshot().signed_digest(head())))
    assert verdict(revocations=forged) == ("rejected", {"revocations_signature_wrong"})
    assert verdict(revocations=snapshot(at=head(4))) == ("incomplete", {"revocations_older"})
    assert verdict(revocations=replace(snapshot(), entries=snapshot(b"\1" * 32).entries))[0] == "rejected"
    split = head(5, [*ENTRIES[:4], b"other"])
    assert verdict(revocations=snapshot(at=split)) == ("rejected", {"tree_heads_differ"})
    unsigned_head = replace(head(6, [*ENTRIES, b"x"]), signature=b"")
    assert "tree_head_signature_wrong" in verdict(revocations=snapshot(at=unsigned_head))[1]


def test_a_list_without_a_head_is_held_against_the_capsules() -> None:
    assert verdict(revocations=snapshot(own_head=False)) == ("verified", set())
    elsewhere = snapshot(at=head(4), own_head=False)
    assert verdict(revocations=elsewhere) == ("incomplete", {"revocations_head_missing"})


def test_a_head_that_was_seen_before_has_to_be_part_of_the_log() -> None:
    assert verdict(remembered=head(2)) == ("verified", set())
    assert verdict(remembered=replace(head(2), root_hash=b"\0" * 32)) == ("rejected", {"etl_consistency_invalid"})
    assert verdict(remembered=replace(head(), root_hash=b"\0" * 32)) == ("rejected", {"tree_heads_differ"})
    report = verify_claim(replace(GIVEN, remembered=head(3)))
    assert "remembered" not in report.checked
    assert any("size 3" in sentence for sentence in report.not_claimed)


def test_the_contract_that_is_shown_has_to_be_the_one_that_is_named() -> None:
    assert verdict(contract=CONTRACT) == ("verified", set())
    report = verify_claim(replace(GIVEN, contract=signed(unsigned(*BERNOULLI))))
    assert [problem.path for problem in report.problems] == ["capsule $.nullspec_id_hex", "capsule $.eprocess_kind"]
    other = replace(unsigned(), oracle_resolution_hash=b"\0" * 32)
    assert verdict(contract=other) == ("rejected", {"capsule_contract_mismatch"})


def test_answers_are_read_in_either_spelling_with_defaults_left_out() -> None:
    given = json.loads(fetched_json())
    snake = {"capsule_bytes": given["capsuleBytes"], "etl_index": 2**64 - 1}
    found = read_fetched(json.dumps(snake).encode())
    assert (found.capsule, found.etl_index, found.head, found.tree_size) == (CAPSULE, 2**64 - 1, None, 0)
    big = read_head(json.dumps(head_json(TreeHead(2**64 - 1, b"\1", b"\2", b"\3"))).encode())
    assert big == TreeHead(2**64 - 1, b"\1", b"\2", b"\3")
    url_safe = b64(b"\xfb\xff").replace("+", "-").replace("/", "_").rstrip("=")
    assert read_fetched(json.dumps({"capsuleBytes": url_safe}).encode()).capsule == b"\xfb\xff"


def test_a_feed_reads_back() -> None:
    one = snapshot(b"\xab" * 32)
    assert one.head is not None
    message = {
        "entries": [{"claimId": b64(b"\xab" * 32), "timestampUnix": "1735689600", "reason": "bad data"}],
        "signature": b64(one.signature),
        "signedTreeHead": head_json(one.head),
        "keyId": b64(one.key_id),
    }
    assert read_snapshot(json.dumps(message).encode()) == one
    assert public(LOG) in LOG_KEYS.values()


@pytest.mark.parametrize(
    "answer",
    [
        {"capsuleBytes": "!"},
        {"capsuleBytes": 1},
        {"capsuleBytes": "AA==", "capsule_bytes": "AA=="},
        {"etlIndex": "-1"},
        {"etlIndex": "01"},
        {"etlIndex": "18446744073709551616"},
        {"inclusionProof": {"auditPath": 1}},
        {"signedTreeHead": {"more": 1}},
        {"more": 1},
    ],
)
def test_an_answer_of_another_form_is_refused(answer: object) -> None:
    with pytest.raises(EvidenceOSRefused):
        read_fetched(json.dumps(answer).encode())
