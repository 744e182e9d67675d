"""What came beside words, and what bounds them: each lie of the corpus is found for the reason that makes it one."""

from __future__ import annotations

import pytest

from tests.corpus import bounds, gestures, natives
from tests.corpus.run import outcome_of

CASES = {one.name.removeprefix("governance-"): one for module in (bounds, gestures, natives) for one in module.CASES}
REASONS = {
    "cap-exceeded": "payload_days: 51 within 86,400 s; the cap is 50",
    "cap-at-once": "payload_days: 65 within 86,400 s",
    "cap-to-and-fro": "payload_days: 60 within 86,400 s",
    "cap-for-ever": "The steps add up to too much",
    "cap-way-back-exceeded": "payload_days: 45 within 86,400 s; the cap is 44",
    "key-rotated-unasked": "The key that is replaced has not signed",
    "key-rotated-by-another": "The key that is replaced has not signed",
    "key-rotated-otherwise": "The key that is replaced has not signed",
    "key-rotated-by-itself": "replay_signature_wrong: The record knows no such key",
    "key-rotated-by-a-second": "The key that is replaced has not signed",
    "key-old": "replay_signature_wrong: The record knows no such key",
    "key-new-too-early": "replay_signature_wrong: The record knows no such key",
    "key-old-before": "The quorum is not met",
    "key-given-up-unnamed": "The event is not of the form of its type",
    "passkey-missing": "The gesture of the passkey that opens the key is missing",
    "passkey-missing-at-execution": "The gesture of the passkey that opens the key is missing",
    "passkey-challenge": "its challenge is not of what was signed",
    "passkey-other-ceremony": "it answers another ceremony",
    "passkey-origin": "its origin is not of its relying party",
    "passkey-origin-malformed": "A passkey's gesture is malformed",
    "passkey-moved": "of another relying party than the one before: sign.example.net",
    "passkey-unverified": "nobody was verified",
    "passkey-counter-told": "its counter is not the one that is told",
    "passkey-counter-stands": "did not move on: there may be a copy of it: 5 after 5",
    "passkey-counter-goes-back": "did not move on: there may be a copy of it: 3 after 9",
    "passkey-counter-ends": "did not move on: there may be a copy of it: 0 after 9",
    "passkey-replaced": "A passkey opens one key, and a key has one passkey",
    "passkey-shared": "A passkey opens one key, and a key has one passkey",
    "passkey-malformed": "A passkey's gesture is malformed",
    "passkey-cut-short": "A passkey's gesture is malformed",
    "passkey-no-client-data": "A passkey's gesture is malformed: Not JSON",
    "passkey-of-an-offline-key": "its challenge is not of what was signed",
    "native-author-missing": "The author's native signature is missing",
    "native-executor-missing": "The native signatures of this change are missing",
    "native-wrong-key": "A native signature does not verify: epoch_control",
    "native-wrong-key-of-the-author": "A native signature does not verify: nullspec_contract",
    "native-key-of-another": "This is no native key of theirs that counts",
    "native-by-a-decision-key": "This is no native key of theirs that counts",
    "native-key-decides": "replay_signature_wrong: The record knows no such key",
    "native-key-revoked": "This is no native key of theirs that counts",
    "native-key-revoked-of-the-author": "This is no native key of theirs that counts",
    "native-author-left": "This is no native key of theirs that counts",
    "native-altered": "A native artefact is not the one that the change lists",
    "native-altered-contract": "A native artefact is not the one that the change lists",
    "native-time-altered": "A native signature does not verify: epoch_control",
    "native-registry-missing": "The registry's signature is made over a contract, and over nothing else",
    "native-registry-wrong": "The registry's signature does not verify",
    "native-registry-of-an-epoch": "The registry's signature is made over a contract, and over nothing else",
    "native-other-kind": "A native artefact is not the one that the change lists",
    "native-unlisted": "This word carries native signatures, and signs nothing natively",
    "native-twice": "Not every artefact of the change was signed",
    "native-malformed": "Kind, payload, signature and detached are expected",
    "native-no-base64": "Base64 is expected",
    "native-by-no-author": "Who signed it natively wrote none of it",
    "native-of-another-body": "The author's native signature is over another revision",
    "native-in-advance": "The native signatures of this change are missing",
    "native-way-back-unsigned": "The native signatures of this change are missing",
}


@pytest.mark.parametrize("name", REASONS)
def test_a_lie_is_found_for_what_it_is(name: str) -> None:
    report = outcome_of(CASES[name].build())
    assert {problem.code for problem in report.problems} == CASES[name].codes
    assert any(REASONS[name] in problem.message for problem in report.problems), report.problems


@pytest.mark.parametrize("name", sorted(CASES.keys() - REASONS.keys()))
def test_what_is_honest_verifies(name: str) -> None:
    report = outcome_of(CASES[name].build())
    assert (report.outcome, report.problems) == ("verified", ())
    assert not CASES[name].codes


@pytest.mark.parametrize(
    ("name", "artefacts", "gestures"),
    [("native", 2, 0), ("native-author-missing", 1, 0), ("passkey-counts", 0, 2), ("passkey-challenge", 0, 0)],
)
def test_the_report_counts_what_was_found_in_order(name: str, artefacts: int, gestures: int) -> None:
    subject = outcome_of(CASES[name].build()).subject
    assert (subject["artefacts"], subject["gestures"]) == (artefacts, gestures)
