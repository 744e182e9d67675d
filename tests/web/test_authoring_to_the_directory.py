"""From a file of buckets on the page of authoring to the right bytes in the data directory, with two approvals."""

from __future__ import annotations

import html
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from console.forms.evidenceos import example
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.evidenceos.core.nullspec import read_contract
from governance.evidenceos.core.nullspec_checks import signature_faults
from tests.support.clones import Clone
from tests.support.evidenceos import RECORD, public
from tests.support.evidenceos_gate import EPOCH, Gate
from tests.support.evidenceos_target import SLUG
from tests.support.world import signed_in

pytestmark = pytest.mark.db
PAGE = "/evidenceos/author/"


@pytest.fixture
def gate(ledger_db: Clone, tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def said(**more: str) -> dict[str, Any]:
    """A contract of three buckets that fits claims of the epoch in force."""
    usual = {
        **example("buckets"), "counts": "", "created_by": "ada", "epoch_created": str(EPOCH), "step": "propose",
        "oracle_ttl": str(RECORD.ttl_epochs), "calibration": str(RECORD.calibration_manifest_hash_hex),
        "target": SLUG, "reason": "The calibration of May.",
    }  # fmt: skip
    return {**usual, **more}


def buckets() -> BytesIO:
    file = BytesIO(b"bucket,count\n0,19\n1,29\n2,49\n")
    file.name = "buckets.csv"
    return file


def proposed(here: Client, **more: str) -> Change:
    answer = here.post(PAGE, {**said(**more), "file": buckets()})
    assert answer.status_code == 302, re.findall(r"(?:notice-body|-error).*", answer.content.decode())
    return Change.objects.get(public_id=answer["Location"].rstrip("/").rpartition("/")[2])


def test_a_file_of_buckets_ends_as_the_signed_contract_in_the_directory(gate: Gate) -> None:
    here = signed_in(gate.it["ada"].row)
    payload = here.post(PAGE, {**said(step="payload"), "file": buckets()}).content
    row = gate.say(proposed(here), Verb.SUBMIT, "ada")
    for one in ("ben", "cyd"):
        row = gate.say(row, Verb.APPROVE, one)
    gate.it.pass_time(3_601)
    gate.say(row, Verb.EXECUTE, "eva")
    made = read_contract(payload)
    data = (gate.root / "nullspec" / f"{made.computed_id().hex()}.json").read_bytes()
    found = read_contract(data)
    assert found.signing_payload() == payload
    assert data == found.canonical()
    assert not list(signature_faults(found, {"ada": public(gate.private("ada"))}))
    page = here.get(f"/evidenceos/targets/{SLUG}/nullspecs/{made.computed_id().hex()}/").content.decode()
    assert "fits the resolution in force" in page
    assert f"/changes/{row.public_id}/" in page


def test_nothing_is_proposed_without_a_directory_and_a_reason(gate: Gate) -> None:
    here = signed_in(gate.it["ada"].row)
    for missing in ("target", "reason"):
        answer = here.post(PAGE, {**said(**{missing: ""}), "file": buckets()})
        assert answer.status_code == 422
        assert "This is needed to propose it." in html.unescape(answer.content.decode())
    assert not Change.objects.filter(type="nullspec.install").exists()
