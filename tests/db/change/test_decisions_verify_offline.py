"""What was decided is exported and judged again by the package and by the single file, with the server away."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance.change.actions.draft import draft_change
from governance.change.core.judging import judge
from governance.change.core.policy import Policy, Tier
from governance.change.core.verbs import Verb
from governance.change.models import Change
from ledger.core.trust import Reader, ReaderTrust
from ledger.core.verify import verify_governance
from ledger.core.witness_policy import parse_policy
from ledger.selectors.health import policy_in_force
from ledger.selectors.streams import stream
from ledger.services.seal import seal_window
from ledger.single_file import FILE_NAME, build
from tests.support.clones import Clone
from tests.support.governed import World, genesis_body, rule, unfounded
from tests.support.world import SEED, moment

pytestmark = pytest.mark.db
QUICK = Policy((rule("*", name="everything", lock_s=1, tier=Tier.MEDIUM, cool_down_s=0),))


@pytest.fixture
def it(ledger_db: Clone) -> World:
    """Founded by the ceremony, with a lock of one second."""
    made = unfounded()
    body = {**genesis_body(made), "policy": QUICK.to_json()}
    row = draft_change("genesis", body, "The beginning.", by=SEED, at=moment(made.now))
    for who in ("ben", "eva"):
        row = made.say(row, Verb.FOUND, who)
    return made


def carried_out(it: World, kind: str, body: Any) -> Change:
    row = it.approved(it.in_review(kind, body))
    time.sleep(2.2)
    it.pass_time(2.2)
    return it.say(row, Verb.EXECUTE, "eva")


def exported(folder: Path) -> tuple[Path, dict[str, Any]]:
    target, out = folder / "governance.tar.gz", io.StringIO()
    call_command("governance_export", "--out", str(target), "--json", stdout=out)
    return target, json.loads(out.getvalue())


def verified(file: Path) -> Any:
    changes = stream("_governance", "changes")
    trust = ReaderTrust(governance_origin=changes.origin)
    reader = Reader(parse_policy(policy_in_force(changes).encode()), trust, int(time.time()))
    return verify_governance(io.BytesIO(file.read_bytes()), io.BytesIO(), reader, judge)


def test_founding_and_changes_are_judged_again(it: World, tmp_path: Path) -> None:
    carried_out(it, "tenant.state", it.suspend)
    carried_out(it, "tenant.state", {**it.suspend, "state": "active"})
    file, told = exported(tmp_path)
    report = verified(file)
    assert report.problems == ()
    assert (report.outcome, report.counts["decisions"]) == ("verified", 3)
    assert (told["decisions"], told["judged"], told["codes"]) == ("verified", 3, [])


def test_the_single_file_says_the_same_on_a_stock_python(it: World, tmp_path: Path) -> None:
    carried_out(it, "tenant.state", it.suspend)
    file, _ = exported(tmp_path)
    changes = stream("_governance", "changes")
    (tmp_path / "trust.policy").write_text(policy_in_force(changes))
    (tmp_path / "trust.json").write_text(json.dumps({"governance_origin": changes.origin}))
    (tmp_path / FILE_NAME).write_bytes(build())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(tmp_path / FILE_NAME), "governance", str(file), "--policy",
         str(tmp_path / "trust.policy"), "--trust", str(tmp_path / "trust.json"), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert (report["outcome"], report["counts"]["decisions"]) == ("verified", 2), report["problems"]


def test_an_ordinary_log_is_no_log_of_decisions(it: World, tmp_path: Path) -> None:
    file = tmp_path / "other.tar.gz"
    del it
    other = stream("_system", "events")
    seal_window(other.id, reason="request")
    call_command("bundle_export", "_system/events", "--out", str(file), stdout=io.StringIO())
    reader = Reader(parse_policy(policy_in_force(other).encode()), ReaderTrust(), int(time.time()))
    report = verify_governance(io.BytesIO(file.read_bytes()), io.BytesIO(), reader, judge)
    assert "decision_unproven" in report.codes
