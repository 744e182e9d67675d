"""Control leaves and manifests are told in words, units, moments, links and chips; never as raw JSON."""

from __future__ import annotations

import re

from django.test import Client

from console.leaf_facts import _NAMES, facts_of
from ledger.core.schemas import SCHEMAS
from ledger.core.types import JSON
from ledger.selectors import leaves
from tests.web.house import House

EVENTS = "/streams/acme/decisions/events/"


def envelope_of(text: str) -> str:
    return text.partition('id="envelope"')[2].partition("</dl>")[0]


def test_every_field_of_every_kind_has_a_name() -> None:
    assert {field for schema in SCHEMAS.values() for field in schema} <= _NAMES.keys()


def test_the_genesis_page_reads_as_words(admin: Client) -> None:
    text = envelope_of(admin.get(f"{EVENTS}0/").content.decode())
    for told in (
        "10 min until a checkpoint covers a leaf, at the latest", "signs receipts",
        "signs the manifests of bundles", "none: this log begins here", "none: this is the first control leaf",
    ):  # fmt: skip
        assert told in text
    assert not re.search(r"[{}\[\]]|max_merge_delay|log_keys|delegated<", text)


def test_the_page_of_a_manifest_reads_as_words(house: House, admin: Client) -> None:
    text = envelope_of(admin.get(f"{EVENTS}{house.stream.size - 1}/").content.decode())
    assert "Newest control leaf" in text
    assert f'<a href="{EVENTS}0/">leaf 0</a>' in text
    assert "somebody asked for it" in text
    assert text.count("<time") == 3
    assert not re.search(r"[{}\[\]]", text)


def test_what_a_key_leaf_says_is_told(house: House) -> None:
    key: JSON = {"alg": "ed25519", "kid": "ab" * 16, "public": "AA==", "use": "receipt"}
    decision: JSON = {"origin": "o.example/log/g/c", "change": "0198c0de-0000-7000-8000-000000000001"}
    facts = {
        fact.name: fact
        for fact in facts_of(
            house.stream,
            {"kind": "key", "add": [key], "retire": [], "signatures": [{"keyid": "k", "sig": "AA=="}],
             "decision": decision, "control_prev": {"index": 0, "leaf_hash": "ef" * 32}},
        )
    }  # fmt: skip
    assert [(item.text, item.hash) for item in facts["Delegated from here on"].items] == [("signs receipts", "ab" * 16)]
    assert facts["Retired keys"].text == "none"
    assert facts["Decision"].text == ("change 0198c0de-0000-7000-8000-000000000001, recorded in o.example/log/g/c")
    assert facts["Control leaf before"].href == f"{EVENTS}0/"


def test_every_leaf_of_the_house_has_a_page_without_json(house: House, admin: Client) -> None:
    for leaf in leaves.leaves(house.stream, 0, house.stream.size):
        assert "[" not in envelope_of(admin.get(f"{EVENTS}{leaf.index}/").content.decode())
