"""The trust sheet: the same facts give the same text, and every fingerprint stands there in words."""

from __future__ import annotations

from hashlib import sha256

from ledger.core.short_words import WORDS, WORDS_TOLD, spoken
from ledger.core.trust import parse_trust
from ledger.core.trust_sheet import Decisions, TrustSheet
from ledger.core.types import Hash
from ledger.core.witness_policy import parse_policy
from tests.unit.core.signers import LOG, ORIGIN, WITNESSES, policy_text

GENESIS = Hash(bytes(range(32)))
VERIFIER = sha256(b"verifier").digest()
PAGE = sha256(b"page").digest()


def sheet(**changes: object) -> str:
    facts = {
        "origin": ORIGIN,
        "log_keys": [LOG.vkey],
        "genesis": GENESIS,
        "policy": parse_policy(policy_text()),
        "verifier": VERIFIER,
        "verifier_name": "v.py",
        "page": PAGE,
        "page_name": "v.html",
    }
    return TrustSheet(**{**facts, **changes}).text()  # type: ignore[arg-type]  # fields by name


def test_every_fingerprint_stands_there_in_hex_and_in_words() -> None:
    text = sheet()
    for vkey in (LOG.vkey, *(witness.vkey for witness in WITNESSES[:3])):
        digest = sha256(vkey.public).digest()
        assert str(vkey) in text
        assert digest.hex() in text
        assert spoken(digest) in text
    for digest in (GENESIS, VERIFIER, PAGE):
        assert digest.hex() in text
        assert spoken(digest) in text


def test_the_policy_can_be_copied_and_the_sheet_is_deterministic() -> None:
    text = sheet()
    lines = [line.removeprefix("    ") for line in text.splitlines() if line.startswith("    ")]
    start = next(number for number, line in enumerate(lines) if line.startswith("log "))
    copied = "".join(f"{line}\n" for line in lines[start : start + len(policy_text().splitlines())])
    assert parse_policy(copied).digest() == parse_policy(policy_text()).digest()
    assert text == sheet()


def test_without_witnesses_it_says_so() -> None:
    assert "Witnesses: none are asked for." in sheet(policy=parse_policy("quorum none\n"))


def test_other_facts_give_another_sheet() -> None:
    changed = sheet(genesis=Hash(bytes(32))), sheet(verifier=bytes(32)), sheet(origin="x"), sheet(page=bytes(32))
    assert len({sheet(), *changed}) == 5


def test_the_words_are_one_for_each_byte() -> None:
    assert len(set(WORDS)) == len(WORDS) == 256
    assert spoken(bytes([0, 255, 1])) == f"{WORDS[0]} {WORDS[255]} {WORDS[1]}"
    assert len(spoken(bytes(32)).split()) == WORDS_TOLD


def decisions(origin: str = "demo.localhost/log/_governance/changes") -> Decisions:
    return Decisions(origin, [WITNESSES[0].vkey], Hash(bytes(range(32, 64))))


def trust_in(text: str) -> str:
    return next(line.strip() for line in text.splitlines() if line.startswith('    {"genesis"'))


def test_the_log_of_decisions_stands_there_with_its_key_and_in_trust_json() -> None:
    text = sheet(decisions=decisions())
    key = decisions().log_keys[0]
    for fact in (decisions().origin, str(key), spoken(sha256(key.public).digest()), spoken(decisions().genesis)):
        assert fact in text
    assert parse_trust(trust_in(text).encode()).governance_origin == decisions().origin
    assert "v.py bundle FILE --policy trust.policy --trust trust.json" in text


def test_its_own_sheet_says_that_it_is_the_log_of_decisions_and_is_verified_as_such() -> None:
    text = sheet(decisions=decisions(ORIGIN))
    assert "This is the log of decisions itself" in text
    assert parse_trust(trust_in(text).encode()).governance_origin == ORIGIN
    assert "v.py governance FILE --policy trust.policy" in text


def test_without_one_trust_json_pins_the_genesis_alone() -> None:
    text = sheet()
    assert "governance_origin" not in text
    found = parse_trust(trust_in(text).encode())
    assert (found.genesis, found.governance_origin) == (GENESIS, None)
