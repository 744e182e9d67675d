"""Published notes and verifier keys: what verifies, and one upstream key that must be refused."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.cosignature import cosignature_message, parse_cosignature
from ledger.core.merkle import EMPTY_ROOT, leaf_hash, root
from ledger.core.note import KeyType, VKey, make_vkey, note_to_sign, parse_note, verified
from ledger.errors import LedgerError, LogSignatureWrong, NoteMalformed
from tests.vectors.known_notes import COSIGNED_MESSAGE, COSIGNED_TEXT, EXAMPLE_NOTE, EXAMPLE_VKEY, KEY_IDS
from tests.vectors.note_sets import folder, json_set

TESSERA_VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def keys_of(*texts: str) -> list[VKey]:
    return [VKey.parse(text) for text in texts]


@pytest.fixture
def formats() -> Any:
    return json_set("signed-note", "formats.json")


@pytest.fixture
def examples() -> Any:
    return json_set("signed-note", "c2sp-spec-examples.json")


@pytest.mark.parametrize("name", sorted(KEY_IDS))
def test_known_key_ids_are_computed(name: str) -> None:
    material, key_id = KEY_IDS[name]
    raw = b64decode(material)
    assert make_vkey(name, raw[1:], raw[0]).key_id.hex() == key_id


def test_the_example_note_verifies() -> None:
    assert verified(parse_note(EXAMPLE_NOTE.encode()), keys_of(EXAMPLE_VKEY))


@pytest.mark.optional
def test_the_examples_of_the_specification(examples: Any) -> None:
    assert examples["signed_note_verifiable"] == {"vkey": EXAMPLE_VKEY, "note": EXAMPLE_NOTE}
    cosigned = parse_note(examples["cosigned_checkpoint_example_shape_only"].encode())
    assert cosigned.text == COSIGNED_TEXT
    time = parse_cosignature(cosigned.signatures[1].body, KeyType.COSIGNATURE).timestamp
    witness = make_vkey("w", VKey.parse(EXAMPLE_VKEY).public, KeyType.COSIGNATURE)
    assert cosignature_message(witness, cosigned.text, time).decode() == COSIGNED_MESSAGE
    assert examples["cosignature_v1_message_for_that_example"] == COSIGNED_MESSAGE


@pytest.mark.optional
def test_the_checksum_database_note_verifies_alone_and_among_many(formats: Any) -> None:
    many = formats["many_signatures"]
    own = keys_of(formats["sumdb_note"]["vkey"])
    lines = "".join(f"{line}\n" for line in many["extra_signature_lines"])
    note = parse_note((many["base_note"] + lines).encode())
    assert verified(parse_note(formats["sumdb_note"]["note"].encode()), own) == own
    assert len(note.signatures) == 6
    assert len(verified(note, own + keys_of(*many["extra_vkeys"]))) == 4


@pytest.mark.optional
def test_ecdsa_and_tree_head_signatures(formats: Any) -> None:
    cases = formats["ecdsa_0x02"] + formats["rfc6962_0x05"]
    for case in cases:
        note, keys = parse_note(case["note"].encode()), keys_of(case["vkey"])
        if case["ok"]:
            assert verified(note, keys) == keys
        else:
            with pytest.raises(LogSignatureWrong):
                verified(note, keys)
    assert len(cases) == 5


@pytest.mark.optional
def test_verifier_keys_are_read_or_refused(formats: Any) -> None:
    valid = formats["vkeys_valid"]
    texts = [*valid["ed25519_0x01"], *valid["cosig_0x04"], valid["cosig_0x04_from_ed25519_TEST_vkey"]]
    assert [str(VKey.parse(text)) for text in texts] == texts
    for text in formats["vkeys_invalid"]:
        with pytest.raises(NoteMalformed):
            VKey.parse(text)


@pytest.mark.optional
def test_the_upstream_key_with_a_wrong_key_id_is_refused(formats: Any) -> None:
    case = formats["vkey_mldsa44_0x06_UPSTREAM_KEY_ID_MISMATCH"]
    with pytest.raises(NoteMalformed, match="stated 5893dc2c, computed 31236897"):
        VKey.parse(case["vkey"])
    corrected = VKey.parse(case["vkey"].replace(case["stated_key_id"], case["key_id_by_the_C2SP_rule"], 1))
    assert corrected.key_type is KeyType.MLDSA44


@pytest.mark.optional
def test_the_time_of_a_published_cosignature(formats: Any) -> None:
    case = formats["cosig_v1_timestamp"]
    body = b64decode(case["sig_base64"])[4:]
    assert parse_cosignature(body, KeyType.COSIGNATURE, dated=True).timestamp == case["unix"]


@pytest.mark.optional
def test_checkpoint_bodies_are_refused_also_where_the_upstream_parser_is_lenient() -> None:
    cases = json_set("signed-note", "checkpoint-body-parse.json")["cases"]
    for case in cases:
        with pytest.raises(NoteMalformed):
            parse_checkpoint(case["text"])
    assert sum(not case["wantErr"] for case in cases) == 5


@pytest.mark.optional
def test_lenient_bodies_are_taken_once_their_root_has_32_bytes_and_no_line_is_empty() -> None:
    cases = json_set("signed-note", "checkpoint-body-parse.json")["cases"]
    lawful = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    for case in cases:
        lines = case["text"].rstrip("\n").split("\n")
        repaired = "\n".join([*lines[:2], lawful, *lines[3:], ""])
        if not case["wantErr"]:
            assert parse_checkpoint(repaired).text() == repaired


@pytest.mark.optional
def test_the_sixteen_checkpoints_of_a_published_log_verify() -> None:
    path = folder("tessera-log") / "testdata" / "log"
    bundle = (path / "tile/entries/000.p/15").read_bytes()
    hashes, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        hashes.append(leaf_hash(bundle[at + 2 : end]))
        at = end
    for size in range(16):
        note = parse_note((path / f"checkpoint.{size}").read_bytes())
        assert verified(note, keys_of(TESSERA_VKEY))
        head = parse_checkpoint(note.text)
        assert (head.origin, head.size) == ("example.com/log/testdata", size)
        assert head.root == (root(hashes[:size]) if size else EMPTY_ROOT)
        assert note_to_sign(head.text()) == note.text.encode()


@pytest.mark.optional
def test_every_published_note_is_refused_once_a_letter_of_its_text_changes(formats: Any) -> None:
    for case in [formats["sumdb_note"], *[one for one in formats["ecdsa_0x02"] if one["ok"]]]:
        changed = case["note"].replace("\n", "x\n", 1)
        with pytest.raises(LedgerError):
            verified(parse_note(changed.encode()), keys_of(case["vkey"]))
