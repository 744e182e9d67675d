"""A checkpoint against a policy: what counts, what does not, and why not, each apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.core import optional_crypto
from ledger.core.checkpoint_trust import FUTURE_TOLERANCE_S, assess, demand_trust
from ledger.core.cosignature import cosign
from ledger.core.note import KeyType, Note, make_vkey, sign_note
from ledger.core.witness_policy import parse_policy
from ledger.errors import LogSignatureWrong, NoteMalformed, WitnessSignatureWrong
from tests.unit.core.signers import (
    LOG,
    NOW,
    WITNESSES,
    checkpoint,
    cosignature,
    policy_text,
    signed_checkpoint,
    signer,
)

POLICY = parse_policy(policy_text())
TEXT = checkpoint().text()


def spoilt(note: Note, number: int) -> Note:
    rows = list(note.signatures)
    rows[number] = replace(rows[number], body=rows[number].body[:-1] + bytes([rows[number].body[-1] ^ 1]))
    return Note(note.text, tuple(rows))


def test_it_tells_the_log_the_witnesses_and_the_quorum() -> None:
    trust = demand_trust(signed_checkpoint(*WITNESSES[:2]), POLICY, NOW)
    assert trust.checkpoint == checkpoint()
    assert trust.log_keys == (LOG.vkey,)
    assert trust.cosigned == (("w0", NOW), ("w1", NOW))
    assert trust.quorum_met
    assert not trust.quorum_unknown


def test_an_unmet_quorum_is_an_answer() -> None:
    trust = demand_trust(signed_checkpoint(WITNESSES[2]), POLICY)
    assert trust.witnesses == ("w2",)
    assert not trust.quorum_met
    assert trust.quorum.words() == "group g: 2 of 3 needed, have w2"


def test_a_witness_outside_the_policy_counts_for_nothing() -> None:
    assert demand_trust(signed_checkpoint(WITNESSES[3]), POLICY).witnesses == ()


def test_a_witness_that_signed_twice_counts_once_with_its_newest_time() -> None:
    lines = [cosignature(WITNESSES[0], TEXT, time) for time in (NOW - 5, NOW, NOW - 9)]
    trust = demand_trust(signed_checkpoint().with_signatures(*lines), POLICY)
    assert trust.cosigned == (("w0", NOW),)


def test_a_cosignature_without_time_does_not_count() -> None:
    trust = assess(signed_checkpoint(*WITNESSES[:2], time=0), POLICY)
    assert trust.undated == ("w0", "w1")
    assert trust.witnesses == ()
    assert not trust.quorum_met


def test_a_cosignature_from_the_future_does_not_count() -> None:
    note = signed_checkpoint(*WITNESSES[:2])
    assert assess(note, POLICY, NOW - FUTURE_TOLERANCE_S).quorum_met
    late = assess(note, POLICY, NOW - FUTURE_TOLERANCE_S - 1)
    assert late.in_future == ("w0", "w1")
    assert not late.quorum_met


def test_without_now_the_time_is_not_judged() -> None:
    assert assess(signed_checkpoint(*WITNESSES[:2], time=2**63 - 1), POLICY).quorum_met


def test_a_wrong_log_line_is_told_and_refused() -> None:
    note = spoilt(signed_checkpoint(*WITNESSES), 0)
    assert assess(note, POLICY).wrong_log_keys == (LOG.vkey,)
    with pytest.raises(LogSignatureWrong, match="does not verify"):
        demand_trust(note, POLICY)


def test_a_wrong_witness_line_is_told_and_refused() -> None:
    note = spoilt(signed_checkpoint(*WITNESSES), 2)
    trust = assess(note, POLICY)
    assert trust.wrong_witnesses == ("w1",)
    assert trust.witnesses == ("w0", "w2")
    with pytest.raises(WitnessSignatureWrong, match="w1"):
        demand_trust(note, POLICY)


def test_witnesses_alone_do_not_make_a_checkpoint() -> None:
    note = Note(TEXT, tuple(cosignature(one, TEXT) for one in WITNESSES))
    assert assess(note, POLICY).quorum_met
    with pytest.raises(LogSignatureWrong, match="No log"):
        demand_trust(note, POLICY)


def test_a_log_of_the_policy_signs_for_its_own_origin_only() -> None:
    text = checkpoint(origin="other.example/log").text()
    note = Note(text, (sign_note(text, LOG.vkey, LOG.sign),))
    assert assess(note, POLICY).log_keys == ()
    with pytest.raises(LogSignatureWrong, match="No log"):
        demand_trust(note, POLICY)


def test_a_policy_without_logs_trusts_none() -> None:
    with pytest.raises(LogSignatureWrong, match="No log"):
        demand_trust(signed_checkpoint(), parse_policy("quorum none\n"))


def test_quorum_none_is_met_without_witnesses() -> None:
    trust = demand_trust(signed_checkpoint(), parse_policy(f"log {LOG.vkey}\nquorum none\n"))
    assert trust.quorum_met
    assert not trust.quorum_unknown


def test_a_witness_of_the_new_type_counts() -> None:
    key = MLDSA44PrivateKey.from_seed_bytes(b"\5" * 32)
    vkey = make_vkey("pq.example", key.public_key().public_bytes_raw(), KeyType.MLDSA44)
    note = signed_checkpoint().with_signatures(cosign(TEXT, vkey, NOW, key.sign))
    policy = parse_policy(f"log {LOG.vkey}\nwitness pq {vkey}\nquorum pq\n")
    assert demand_trust(note, policy).cosigned == (("pq", NOW),)


def test_what_cannot_be_evaluated_leaves_the_quorum_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    key = MLDSA44PrivateKey.from_seed_bytes(b"\5" * 32)
    vkey = make_vkey("pq.example", key.public_key().public_bytes_raw(), KeyType.MLDSA44)
    note = signed_checkpoint().with_signatures(cosign(TEXT, vkey, NOW, key.sign))
    policy = parse_policy(f"log {LOG.vkey}\nwitness pq {vkey}\nquorum pq\n")
    monkeypatch.setattr(optional_crypto, "AVAILABLE", False)
    trust = demand_trust(note, policy)
    assert trust.not_evaluated == (vkey,)
    assert not trust.quorum_met
    assert trust.quorum_unknown


def test_an_unevaluated_witness_that_would_not_help_leaves_nothing_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = MLDSA44PrivateKey.from_seed_bytes(b"\5" * 32)
    vkey = make_vkey("pq.example", key.public_key().public_bytes_raw(), KeyType.MLDSA44)
    note = signed_checkpoint().with_signatures(cosign(TEXT, vkey, NOW, key.sign))
    lines = f"log {LOG.vkey}\nwitness pq {vkey}\nwitness w {WITNESSES[0].vkey}\nquorum w\n"
    monkeypatch.setattr(optional_crypto, "AVAILABLE", False)
    assert not assess(note, parse_policy(lines)).quorum_unknown


def test_a_note_that_is_no_checkpoint_is_malformed() -> None:
    text = "hello\n"
    with pytest.raises(NoteMalformed):
        assess(Note(text, (sign_note(text, LOG.vkey, LOG.sign),)), POLICY)


def test_a_rotated_log_may_sign_with_both_keys() -> None:
    new = signer(2)
    policy = parse_policy(f"log {LOG.vkey}\nlog {new.vkey}\nquorum none\n")
    note = signed_checkpoint().with_signatures(sign_note(TEXT, new.vkey, new.sign))
    assert demand_trust(note, policy).log_keys == (LOG.vkey, new.vkey)
