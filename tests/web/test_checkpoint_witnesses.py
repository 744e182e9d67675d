"""What the page of a checkpoint says of witnesses is what the policy in force at its size asks, and its note holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from console.checkpoint_page import lines_of, state_in_words
from ledger.core.note import Note, parse_note
from ledger.models import PolicyText
from ledger.selectors import checkpoints
from ledger.selectors.checkpoints import CheckpointView
from ledger.selectors.streams import StreamView
from ledger.services.seal import seal_window
from tests.support.streams import append, event, fresh, new_stream
from tests.unit.core.signers import WITNESSES, cosignature, policy_text
from tests.web.house import House

RULE = "".join(f"{line}\n" for line in policy_text().splitlines() if not line.startswith("log "))


@pytest.fixture
def asking(house: House) -> StreamView:
    """A stream whose policy names three witnesses, of which two must cosign; one checkpoint."""
    made = new_stream("asking", rule=RULE)
    append(made, event("a"))
    seal_window(made.id, reason="request")
    return fresh(made)


def newest(stream: StreamView) -> CheckpointView:
    found = checkpoints.newest(stream)
    assert found is not None
    return found


def told(stream: StreamView, cosigners: int = 0) -> str:
    """The words for the newest note, cosigned by as many of the witnesses."""
    row = newest(stream)
    note = parse_note(row.note)
    lines = tuple(cosignature(one, note.text) for one in WITNESSES[:cosigners])
    cosigned = replace(row, note=Note(note.text, (*note.signatures, *lines)).to_bytes())
    return state_in_words(stream, lines_of(stream, [cosigned])[0])


def test_without_a_witness_in_the_policy_the_page_says_so(house: House, admin: Client) -> None:
    text = admin.get(f"/streams/acme/decisions/checkpoints/{newest(house.stream).size}/").content.decode()
    assert "No witness is asked by the policy in force for it" in text


def test_witnesses_that_are_asked_are_counted_and_nothing_else_is_said(asking: StreamView, admin: Client) -> None:
    text = admin.get(f"/streams/acme/asking/checkpoints/{newest(asking).size}/").content.decode()
    assert "names 3 witnesses; 0 cosigned this note: its quorum is not met" in text
    assert "No witness is asked" not in text


@pytest.mark.parametrize(("cosigners", "verdict"), [(1, "not met"), (2, "met"), (3, "met"), (4, "met")])
def test_the_quorum_is_judged_by_the_notes_own_lines(asking: StreamView, cosigners: int, verdict: str) -> None:
    assert f"{min(cosigners, 3)} cosigned this note: its quorum is {verdict}" in told(asking, cosigners)


def test_a_policy_whose_text_is_lost_claims_nothing(house: House, owner_connection: object) -> None:
    assert PolicyText.objects.exists()
    owner_connection.execute("ALTER TABLE ledger_policytext DISABLE TRIGGER ALL")  # type: ignore[attr-defined]  # psycopg's
    owner_connection.execute("DELETE FROM ledger_policytext")  # type: ignore[attr-defined]  # psycopg's
    assert "cannot be read, so nothing is said of witnesses" in told(house.stream)
