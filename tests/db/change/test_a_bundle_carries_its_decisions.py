"""The bundle of a tenant carries the log of decisions, opened for those that its leaves name, and for nothing else."""

from __future__ import annotations

import io
import json
import tarfile
import time
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance.change.actions.draft import draft_change
from governance.change.core.judging import judge
from governance.change.core.policy import Policy, Tier
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.core.roles import Role
from ledger.core.gzip_stream import compressed
from ledger.core.report import Report
from ledger.core.tar import tar_chunks
from ledger.core.trust import Reader, ReaderTrust
from ledger.core.verify import verify_bundle
from ledger.core.witness_policy import parse_policy
from ledger.models import Bundle
from ledger.selectors.bundles import bundle, open_file
from ledger.selectors.health import policy_in_force
from ledger.selectors.streams import StreamView, stream
from ledger.services.exports import request_bundle, run_export
from ledger.services.seal import seal_window
from tests.support.clones import Clone
from tests.support.governed import World, genesis_body, rule, unfounded
from tests.support.streams import append, events
from tests.support.world import SEED, moment, person, signed_in

pytestmark = pytest.mark.db
QUICK = Policy((rule("*", name="everything", lock_s=1, tier=Tier.MEDIUM, cool_down_s=0),))


@pytest.fixture
def it(ledger_db: Clone) -> World:
    """Founded by the ceremony, with a lock of one second, and six events of a tenant."""
    made = unfounded()
    append(log(), *events(range(6)))
    seal_window(log().id, reason="request")
    row = draft_change(
        "genesis", {**genesis_body(made), "policy": QUICK.to_json()}, "The beginning.", by=SEED, at=moment(made.now)
    )
    for who in ("ben", "eva"):
        row = made.say(row, Verb.FOUND, who)
    return made


def log() -> StreamView:
    return stream("acme", "decisions")


def changes() -> StreamView:
    return stream("_governance", "changes")


def carried_out(it: World, kind: str, body: dict[str, Any]) -> Change:
    row = it.approved(it.in_review(kind, body))
    time.sleep(2.2)
    it.pass_time(2.2)
    return it.say(row, Verb.EXECUTE, "eva")


def resumed(it: World) -> Change:
    """Reliance was paused and is resumed, each by a decision."""
    span = {"stream": log().origin, "from": 2, "to": 4}
    carried_out(it, "reliance.pause", span)
    return carried_out(it, "reliance.resume", span)


def exported(folder: Path) -> Path:
    time.sleep(1.1)
    seal_window(log().id, reason="request")
    target = folder / "bundle.tar.gz"
    call_command("bundle_export", "acme/decisions", "--out", str(target), "--json", stdout=io.StringIO())
    return target


def names(file: Path) -> list[str]:
    with tarfile.open(file) as tar:
        return tar.getnames()


def verified(data: bytes, *, trusted: bool = True) -> Report:
    logs = [line for one in (log(), changes()) for line in policy_in_force(one).splitlines() if line.startswith("log ")]
    policy = parse_policy("".join(f"{line}\n" for line in (*logs, "quorum none")).encode())
    trust = ReaderTrust(governance_origin=changes().origin if trusted else None)
    reader = Reader(policy, trust, int(time.time()))
    return verify_bundle(io.BytesIO(data), io.BytesIO(), reader, judge=judge)


def opened(file: Path) -> list[dict[str, Any]]:
    """The payloads of the log of decisions that the bundle opens."""
    with tarfile.open(file) as tar:
        part = tar.extractfile("governance/changes.tar")
        assert part
        with tarfile.open(fileobj=io.BytesIO(part.read())) as inner:
            lines = inner.extractfile("objects/payloads.ndjson")
            assert lines
            return [json.loads(json.loads(line)["text"]) for line in lines]


def test_a_bundle_without_named_decisions_is_as_it_was(it: World, tmp_path: Path) -> None:
    carried_out(it, "tenant.state", it.suspend)
    carried_out(it, "tenant.state", {**it.suspend, "state": "active"})
    file = exported(tmp_path)
    assert not [name for name in names(file) if name.startswith("governance/")]
    assert Bundle.objects.get().decisions_size is None
    report = verified(file.read_bytes())
    assert (report.outcome, report.counts["decisions"]) == ("verified", 0)


def test_named_decisions_are_judged_again_by_whoever_trusts_their_log(it: World, tmp_path: Path) -> None:
    resumed(it)
    file = exported(tmp_path)
    report = verified(file.read_bytes())
    assert report.problems == ()
    assert (report.outcome, report.counts["decisions"]) == ("verified", 2)
    assert "decision_hidden" not in {note.code for note in report.notes}
    told = (Bundle.objects.get().report or {})["decisions"]
    assert (told["outcome"], told["codes"]) == ("verified", [])


def test_its_page_says_what_of_governance_it_holds_and_what_its_reader_adds(it: World, tmp_path: Path) -> None:
    resumed(it)
    exported(tmp_path)
    reader = person("reader@acme.example", Role.TENANT_ADMIN, it.acme.tenant, decided=True)
    shown = signed_in(reader).get(f"/bundles/{Bundle.objects.get().public_id}/").content.decode()
    assert "Judged again: verified" in shown
    assert changes().origin in shown
    assert next(line for line in policy_in_force(changes()).splitlines() if line.startswith("log ")) in unescape(shown)


def test_who_names_no_log_of_decisions_verifies_the_bundle_all_the_same(it: World, tmp_path: Path) -> None:
    resumed(it)
    report = verified(exported(tmp_path).read_bytes(), trusted=False)
    assert (report.outcome, [note.code for note in report.notes if note.path == "governance/"]) == (
        "verified",
        ["not_evaluated"],
    )


def test_decisions_of_others_stay_closed_and_are_counted(it: World, tmp_path: Path) -> None:
    other = carried_out(it, "tenant.state", it.suspend)
    back = carried_out(it, "tenant.state", {**it.suspend, "state": "active"})
    row = resumed(it)
    file = exported(tmp_path)
    found = {one.get("change") for one in opened(file)}
    assert str(row.public_id) in found
    assert not {str(other.public_id), str(back.public_id)} & found
    report = verified(file.read_bytes())
    assert (report.outcome, report.problems) == ("verified", ())
    assert "decision_hidden" in {note.code for note in report.notes}


def test_what_is_decided_after_the_request_does_not_travel_along(it: World, tmp_path: Path) -> None:
    resumed(it)
    time.sleep(1.1)
    seal_window(log().id, reason="request")
    asked, job = request_bundle(log(), 0, log().signed_size, actor="person:1")
    carried_out(it, "tenant.state", it.suspend)
    run_export(job.public_id)
    file = tmp_path / "bundle.tar.gz"
    with open_file(bundle(asked.public_id)) as source:
        file.write_bytes(source.read())
    with tarfile.open(file) as tar:
        part = tar.extractfile("governance/changes.tar")
        assert part
        with tarfile.open(fileobj=io.BytesIO(part.read())) as inner:
            heads = [name for name in inner.getnames() if name.startswith("checkpoints/")]
    assert max(heads) == f"checkpoints/{asked.decisions:016d}.note"
    assert asked.decisions is not None
    assert asked.decisions < changes().size


def test_a_bundle_from_which_they_were_taken_proves_no_decision(it: World, tmp_path: Path) -> None:
    resumed(it)
    with tarfile.open(exported(tmp_path)) as tar:
        members = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]  # files alone
    del members["governance/changes.tar"]
    packed = tar_chunks((name, len(data), (data,)) for name, data in sorted(members.items()))
    report = verified(b"".join(compressed(packed)))
    assert report.codes == {"file_missing", "not_evaluated", "decision_unproven"}
