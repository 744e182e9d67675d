"""A seed is whole or goes on; a finished one is known again; the bundle verifies, its copy does not."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path

import pytest
from django.conf import settings

from console.demo.cast import cast
from console.demo.facts import DemoFacts, read_facts
from console.demo.files import Files
from console.demo.gathering import Gathered, gather
from console.demo.plan import PLACES
from console.demo.seeding import Seed
from console.demo.sources import Found
from console.demo.sources.python_packages import find_files
from console.demo.starting import seed_of
from console.demo.terminal import Terminal
from ledger.selectors.streams import stream

pytestmark = pytest.mark.db


def _little() -> Gathered:
    """Two real packages, and nothing else found."""
    nothing = Found((), "no log of dpkg: No such file or directory")
    return Gathered(find_files([distribution("celery"), distribution("kombu")]), nothing, nothing, nothing)


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    terminal = Terminal(io.StringIO(), time.monotonic, live=False)
    whole = seed_of(Files(tmp_path), 8000, terminal, os.urandom, lambda: datetime.now(UTC))
    return replace(whole, gather=_little)


def _sizes() -> dict[str, int]:
    return {place.path: stream(place.namespace, place.name).size for place in PLACES}


def _said(seed: Seed) -> str:
    assert isinstance(seed.terminal.out, io.StringIO)
    return seed.terminal.out.getvalue()


def _verified(facts: DemoFacts, which: str) -> subprocess.CompletedProcess[str]:
    bundles = dict(facts["bundles"])
    command = [sys.executable, "-S", str(bundles["verifier"]), "bundle", str(bundles[which])]
    return subprocess.run(
        [*command, "--policy", str(bundles["policy"])], capture_output=True, text=True, check=False, cwd="/"
    )


def test_what_is_carried_away_verifies_and_the_tampered_copy_is_rejected_with_its_code(seed: Seed) -> None:
    facts = seed.run()
    good, tampered = _verified(facts, "good"), _verified(facts, "tampered")
    assert (good.returncode, good.stdout.split(":")[0]) == (0, "verified")
    assert (tampered.returncode, tampered.stdout.split(":")[0]) == (1, "rejected")
    assert "payload_digest_mismatch" in tampered.stdout


def test_a_second_run_adds_nothing_says_nothing_and_tells_the_same(seed: Seed) -> None:
    facts, sizes, said = seed.run(), _sizes(), _said(seed)
    assert replace(seed, url="http://localhost:8001").run() == {**facts, "url": "http://localhost:8001"}
    assert _sizes() == sizes
    assert _said(seed) == said


def test_a_run_that_lost_its_files_makes_them_again_without_new_events(seed: Seed) -> None:
    facts, sizes = seed.run(), _sizes()
    seed.files.facts.unlink()
    seed.files.tampered.unlink()
    again = seed.run()
    assert _sizes() == sizes
    assert again == facts
    assert seed.files.tampered.exists()


def test_facts_of_another_host_are_not_believed(seed: Seed) -> None:
    facts = seed.run()
    elsewhere = replace(seed, host="demo-000000.localhost")
    assert elsewhere.run()["host"] == "demo-000000.localhost"
    assert facts["host"] == settings.COUNTERSIGN_PUBLIC_NAME


def test_a_source_that_is_missing_is_named_and_left_out(seed: Seed) -> None:
    seed.run()
    assert _said(seed).count("no log of dpkg: No such file or directory") == 3
    assert _sizes()["changes/package-log"] == 1


def test_scripts_find_users_keys_streams_and_policies_in_the_file(seed: Seed) -> None:
    facts = seed.run()
    assert read_facts(seed.files.facts) == facts
    assert len(facts["users"]) == len(cast())
    opened = {key["namespace"] for key in facts["keys"]}
    assert {one["namespace"] for one in facts["streams"]} <= opened
    for one in facts["streams"]:
        name = f"{one['namespace']}/{one['name']}"
        assert Path(facts["policies"][name]).read_text() == f"log {one['vkey']}\nquorum none\n"


def test_the_model_in_the_folder_is_the_one_that_the_decisions_name(seed: Seed) -> None:
    seed.run()
    digest = hashlib.sha256(seed.files.model.read_bytes()).hexdigest()
    bundle = subprocess.run(
        ["tar", "-xzOf", seed.files.good, "objects/payloads.ndjson"], capture_output=True, check=True
    )
    assert bundle.stdout.count(digest.encode()) > 20


def test_everything_on_this_machine_is_gathered_or_named() -> None:
    found = gather(Path(settings.BASE_DIR), bytes(32))
    assert len(found.files.events) > 1_000
    for one in (found.files, found.packages, found.commits, found.package_log):
        assert one.events or "no " in one.sentence
