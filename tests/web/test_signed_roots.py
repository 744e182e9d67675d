"""The root on the pages is the note's, under a signature that was verified; a column proves nothing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.test import Client
from psycopg import sql

from ledger.selectors.keys import log_vkeys
from tests.web.house import House

STREAM = "/streams/acme/decisions/"
EVENT = f"{STREAM}events/3/"


def alter(admin: psycopg.Connection[Any], change: str) -> None:
    """As somebody who may switch the triggers off."""
    admin.execute("ALTER TABLE ledger_checkpoint DISABLE TRIGGER append_only_rows")
    admin.execute(sql.SQL("UPDATE ledger_checkpoint SET {}").format(sql.SQL(change)))


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_the_last_rung_names_the_key_that_signed(house: House, admin: Client) -> None:
    (key,) = log_vkeys(house.stream.id)
    text = page(admin, EVENT)
    assert "Signature verified just now." in text
    assert "signature verified under key" in text
    assert f'<code class="signer">{key.name}+{key.key_id.hex()}</code>' in text
    assert f'data-vkeys="{key}"' in text


def test_an_altered_column_changes_nothing(
    house: House, admin: Client, admin_connection: psycopg.Connection[Any]
) -> None:
    true = page(admin, EVENT).partition('data-root="')[2][:64]
    alter(admin_connection, "root = decode(repeat('00', 32), 'hex')")
    text = page(admin, EVENT)
    assert text.partition('data-root="')[2][:64] == true
    assert "Recomputed just now: equal." in text
    for path in (STREAM, f"{STREAM}trust-sheet/"):
        assert true in page(admin, path)
        assert "0" * 64 not in page(admin, path)


@pytest.mark.parametrize("change", ["note = overlay(note placing 'x' from 1 for 1)", "note = 'nothing'"])
def test_a_note_that_does_not_verify_is_no_signed_root(
    house: House, admin: Client, admin_connection: psycopg.Connection[Any], change: str
) -> None:
    alter(admin_connection, change)
    text = page(admin, EVENT)
    assert "leads to a root whose signature does not verify. Do not rely on it." in text
    assert "Signature NOT verified." in text
    assert "signature verified under key" not in text
    assert "not proved" in text
    sheet = page(admin, f"{STREAM}trust-sheet/")
    assert "This head is not in trust.json." in sheet
    assert b"remembered" in admin.get(f"{STREAM}trust-sheet/trust.json").content
    assert b"note" not in admin.get(f"{STREAM}trust-sheet/trust.json").content
    assert "signature not verified" in page(admin, STREAM)
