"""The trust sheet is all that a reader of decisions needs: in an empty folder, beside the single file."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from governance.change.actions.draft import draft_change
from governance.change.core.policy import Policy, Tier
from governance.change.core.verbs import Verb
from governance.identity.core.roles import Role
from ledger.core.short_words import spoken
from ledger.core.trust import parse_trust
from ledger.core.witness_policy import parse_policy
from ledger.selectors.keys import log_vkeys
from ledger.selectors.streams import StreamView, stream
from ledger.services.seal import seal_window
from ledger.single_file import FILE_NAME
from tests.support.clones import Clone
from tests.support.governed import World, genesis_body, rule, unfounded
from tests.support.streams import append, events
from tests.support.world import SEED, moment, person, signed_in

pytestmark = pytest.mark.db
QUICK = Policy((rule("*", name="everything", lock_s=1, tier=Tier.MEDIUM, cool_down_s=0),))
SHEET = "/streams/acme/decisions/trust-sheet/"


@pytest.fixture
def it(ledger_db: Clone) -> World:
    """Founded by the ceremony, with a lock of one second, and six events of a tenant."""
    cache.clear()
    made = unfounded()
    append(log(), *events(range(6)))
    seal_window(log().id, reason="request")
    body = {**genesis_body(made), "policy": QUICK.to_json()}
    row = draft_change("genesis", body, "The beginning.", by=SEED, at=moment(made.now))
    for who in ("ben", "eva"):
        row = made.say(row, Verb.FOUND, who)
    return made


def log() -> StreamView:
    return stream("acme", "decisions")


def changes() -> StreamView:
    return stream("_governance", "changes")


def paused(it: World) -> None:
    """Reliance on a part of the log is paused and resumed: two leaves name their decisions."""
    for kind in ("reliance.pause", "reliance.resume"):
        row = it.approved(it.in_review(kind, {"stream": log().origin, "from": 2, "to": 4}))
        time.sleep(2.2)
        it.pass_time(2.2)
        it.say(row, Verb.EXECUTE, "eva")


def told(name: str, *arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(name, *arguments, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def verified(kind: str, evidence: Path, name: str, folder: Path) -> tuple[int, dict[str, Any]]:
    """What the single file says in a folder that holds it, the evidence and the sheet's two files, and nothing else."""
    sheet = told("trust_sheet", name, "--files", str(folder))
    call_command("verifier_build", "--out", str(folder / FILE_NAME), stdout=io.StringIO())
    assert hashlib.sha256((folder / FILE_NAME).read_bytes()).hexdigest() == sheet["verifier"]
    (folder / "evidence.tar.gz").write_bytes(evidence.read_bytes())
    command = [
        sys.executable, "-I", "-S", FILE_NAME, kind, "evidence.tar.gz", "--policy", "trust.policy", "--trust",
        "trust.json", "--json",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={})
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_a_governance_export_verifies_with_the_sheet_of_the_log_of_decisions(it: World, tmp_path: Path) -> None:
    paused(it)
    file = tmp_path / "governance.tar.gz"
    told("governance_export", "--out", str(file))
    status, report = verified("governance", file, "_governance/changes", tmp_path / "clean")
    assert (status, report["outcome"], report["problems"]) == (0, "verified", [])
    assert report["counts"]["decisions"] == 3
    assert parse_trust((tmp_path / "clean" / "trust.json").read_bytes()).governance_origin == changes().origin


def test_the_bundle_of_a_tenant_verifies_with_its_decisions_by_the_sheet_of_its_log(it: World, tmp_path: Path) -> None:
    paused(it)
    time.sleep(1.1)
    seal_window(log().id, reason="request")
    file = tmp_path / "bundle.tar.gz"
    told("bundle_export", "acme/decisions", "--out", str(file))
    status, report = verified("bundle", file, "acme/decisions", tmp_path / "clean")
    assert (status, report["outcome"], report["problems"]) == (0, "verified", [])
    assert report["counts"]["decisions"] == 2
    assert report["subject"]["governance_origin"] == changes().origin


def test_sheet_page_and_files_name_origin_and_key_of_the_log_of_decisions(it: World) -> None:
    (vkey,) = log_vkeys(changes().id)
    facts = (changes().origin, str(vkey), spoken(hashlib.sha256(vkey.public).digest()), spoken(changes().log))
    sheet = told("trust_sheet", "acme/decisions")
    assert sheet["governance"] == {
        "origin": changes().origin, "log_keys": [str(vkey)], "genesis": changes().log.hex()
    }  # fmt: skip
    client = reader(it)
    page = unescape(client.get(SHEET).content.decode())
    for fact in facts:
        assert fact in sheet["text"]
        assert fact in page
    policy = client.get(f"{SHEET}trust.policy").content
    assert list(parse_policy(policy).logs) == [*log_vkeys(log().id), vkey]
    assert policy.decode() == sheet["policy"]
    assert parse_trust(client.get(f"{SHEET}trust.json").content).governance_origin == changes().origin


def reader(it: World) -> Client:
    return signed_in(person("reader@acme.example", Role.TENANT_ADMIN, it.acme.tenant, decided=True))


def test_the_sheet_of_the_log_of_decisions_names_its_own_key_once(it: World) -> None:
    del it
    sheet = told("trust_sheet", "_governance/changes")
    assert list(parse_policy(sheet["policy"].encode()).logs) == log_vkeys(changes().id)
    assert "This is the log of decisions itself" in sheet["text"]
    assert f'"governance_origin":"{changes().origin}"' in sheet["text"]
    assert f"{FILE_NAME} governance FILE --policy trust.policy --trust trust.json" in sheet["text"]


def test_before_the_founding_there_is_nothing_to_trust_beside_the_log(ledger_db: Clone, tmp_path: Path) -> None:
    cache.clear()
    unfounded()
    sheet = told("trust_sheet", "acme/decisions", "--files", str(tmp_path))
    assert sheet["governance"] is None
    assert "governance_origin" not in (tmp_path / "trust.json").read_text() + sheet["text"]
    assert list(parse_policy((tmp_path / "trust.policy").read_bytes()).logs) == log_vkeys(log().id)
