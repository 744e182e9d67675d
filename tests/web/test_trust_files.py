"""The trust sheet hands out what the printed commands take: trust.policy and trust.json."""

from __future__ import annotations

import hashlib
import json

from django.test import Client

from ledger.core.trust import parse_trust
from ledger.core.witness_policy import parse_policy
from ledger.selectors.keys import log_vkeys
from ledger.services.append import append_events
from ledger.services.seal import seal_window
from tests.web.house import House, decision

SHEET = "/streams/acme/decisions/trust-sheet/"


def test_the_sheet_offers_both_files(admin: Client) -> None:
    text = admin.get(SHEET).content.decode()
    assert f'href="{SHEET}trust.policy"' in text
    assert f'href="{SHEET}trust.json"' in text
    assert "It asks for no witness" in text


def test_trust_json_pins_the_genesis_and_remembers_the_head(house: House, admin: Client) -> None:
    answer = admin.get(f"{SHEET}trust.json")
    assert answer["Content-Disposition"] == 'attachment; filename="trust.json"'
    trust = parse_trust(answer.content)
    assert trust.genesis == house.stream.log
    assert [one.checkpoint.size for one in trust.remembered] == [house.stream.signed_size]


def test_it_is_made_for_the_head_of_a_bundle_where_one_is_named(house: House, admin: Client) -> None:
    first = house.stream.signed_size
    append_events(house.fresh(), [decision(900)], actor="machine:test")
    seal_window(house.stream.id, reason="request")
    (kept,) = parse_trust(admin.get(f"{SHEET}trust.json?head={first}").content).remembered
    assert kept.checkpoint.size == first
    assert f'href="{SHEET}trust.json?head={first}"' in admin.get(f"{SHEET}?head={first}").content.decode()
    for wrong in ("1", "x", "9" * 30, "-1"):
        assert admin.get(f"{SHEET}trust.json?head={wrong}").status_code == 404


def test_trust_policy_names_the_log_key(house: House, admin: Client) -> None:
    policy = parse_policy(admin.get(f"{SHEET}trust.policy").content)
    assert list(policy.logs) == log_vkeys(house.stream.id)


def test_before_the_first_checkpoint_nothing_is_remembered(house: House, admin: Client) -> None:
    from ledger.services.streams import create_stream  # noqa: PLC0415  (this test alone founds a stream)

    create_stream("acme", "fresh", actor="machine:test")
    found = json.loads(admin.get("/streams/acme/fresh/trust-sheet/trust.json").content)
    assert found["remembered"] == []


def test_printed_commands_name_both(admin: Client) -> None:
    text = admin.get("/streams/acme/decisions/events/3/").content.decode()
    assert "--policy trust.policy --trust trust.json" in text


def test_somebody_else_gets_neither(stranger: Client) -> None:
    for name in ("trust.policy", "trust.json"):
        assert stranger.get(f"{SHEET}{name}").status_code == 404


def test_the_sheet_shows_the_digest_of_the_page_that_is_saved(admin: Client, client: Client) -> None:
    saved = client.get("/verify/countersign-verify.html")
    digest = hashlib.sha256(saved.content).hexdigest()
    assert saved["Content-Disposition"] == 'attachment; filename="countersign-verify.html"'
    assert digest in admin.get(SHEET).content.decode()
    assert digest in client.get("/verify/").content.decode()
