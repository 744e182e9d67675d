"""Windows, checkpoints and keys of a stream: each says what was checked just now."""

from __future__ import annotations

import psycopg
import pytest
from django.test import Client

from governance.identity.core.roles import Role
from ledger.selectors import checkpoints
from ledger.selectors.key_history import keys_of
from ledger.services.append import append_events
from ledger.services.seal import seal_window
from tests.support.clones import Clone
from tests.web.house import House, decision, signed_in

BASE = "/streams/acme/decisions/"


def text_of(client: Client, path: str) -> str:
    response = client.get(f"{BASE}{path}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_window_is_recomputed_from_the_stored_bytes(admin: Client) -> None:
    text = text_of(admin, "windows/1/")
    assert "Recomputed just now from the stored bytes of 13 leaves: equal." in text
    assert 'href="/streams/acme/decisions/checkpoints/14/"' in text


def test_a_window_with_a_changed_root_is_told(house: House, admin: Client, ledger_db: Clone) -> None:
    with psycopg.connect(ledger_db.admin_url) as connection:
        connection.execute("ALTER TABLE ledger_window DISABLE TRIGGER append_only_rows")
        connection.execute("UPDATE ledger_window SET root = decode(repeat('ab', 32), 'hex')")
    assert "do NOT give this root" in text_of(admin, "windows/1/")


def test_a_checkpoint_shows_its_note_verbatim_and_that_it_extends_the_one_before(house: House, admin: Client) -> None:
    append_events(house.fresh(), [decision(number) for number in range(50, 60)], actor="machine:test")
    seal_window(house.stream.id, reason="request")
    first, second = sorted(one.size for one in checkpoints.checkpoints_of(house.fresh()))
    text = text_of(admin, f"checkpoints/{second}/")
    assert checkpoints.at(house.fresh(), second).note.decode() in text
    assert f"it extends the {first} leaves of the checkpoint before" in text
    assert "This is the first checkpoint of the log" in text_of(admin, f"checkpoints/{first}/")


def test_a_checkpoint_with_a_wrong_signature_is_told(house: House, admin: Client, ledger_db: Clone) -> None:
    with psycopg.connect(ledger_db.admin_url) as connection:
        connection.execute("ALTER TABLE ledger_checkpoint DISABLE TRIGGER append_only_rows")
        connection.execute("UPDATE ledger_checkpoint SET note = overlay(note placing '\\x41'::bytea from 1 for 1)")
    assert "does NOT verify" in text_of(admin, "checkpoints/14/")
    assert "0 of 1 note on this page verified just now" in text_of(admin, "checkpoints/")


def test_the_keys_page_names_use_and_validity_and_no_secret(house: House, admin: Client) -> None:
    text = text_of(admin, "keys/")
    for key in keys_of(house.stream):
        assert key.kid in text
    assert text.count("from leaf 0 on") == len(keys_of(house.stream))
    assert "in force" in text


@pytest.mark.parametrize("path", ["windows/99/", "checkpoints/13/", "windows/0/"])
def test_what_is_not_there_is_a_404(admin: Client, path: str) -> None:
    assert admin.get(f"{BASE}{path}").status_code == 404


def test_who_sees_metadata_sees_all_three(house: House, client: Client) -> None:
    operator = signed_in(client, house.person(Role.PLATFORM_OPERATOR))
    for path in ("windows/", "windows/1/", "checkpoints/", "checkpoints/14/", "keys/"):
        assert operator.get(f"{BASE}{path}").status_code == 200
