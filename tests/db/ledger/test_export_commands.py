"""`bundle_export` and `verifier_build`: exit code, words, JSON, and the file."""

from __future__ import annotations

import hashlib
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from console.verifier_page import page_bytes
from ledger.selectors.health import policy_in_force
from ledger.selectors.leaves import leaves
from ledger.selectors.streams import StreamView
from ledger.services.seal import seal_window
from ledger.single_file import build
from tests.support.streams import append, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def sealed() -> StreamView:
    """acme/decisions with four events under a head of six leaves."""
    stream = new_stream()
    append(stream, *events(range(4)))
    seal_window(stream.id, reason="request")
    return fresh(stream)


def run(name: str, *arguments: object) -> str:
    out = StringIO()
    call_command(name, *map(str, arguments), stdout=out)
    return out.getvalue()


def export(target: Path, *arguments: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run("bundle_export", "acme/decisions", "--out", target, "--json", *arguments))
    return told


def test_a_range_is_written_and_told(sealed: StreamView, tmp_path: Path) -> None:
    target = tmp_path / "b.tar.gz"
    told = export(target, "--from", 1, "--to", 3)
    assert (told["outcome"], told["from"], told["to"], told["head_size"]) == ("verified", 1, 3, 6)
    assert told["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert told["bytes"] == target.stat().st_size


def test_without_a_range_it_takes_the_whole_signed_log(sealed: StreamView, tmp_path: Path) -> None:
    told = export(tmp_path / "b.tar.gz")
    assert (told["from"], told["to"]) == (0, 5)


def test_a_period_is_taken_by_recorded_time(sealed: StreamView, tmp_path: Path) -> None:
    moments = [leaf.recorded for leaf in leaves(sealed, 0, 6)]
    told = export(tmp_path / "b.tar.gz", "--since", moments[0], "--until", "2999-01-01T00:00:00.000000Z")
    assert (told["outcome"], told["from"], told["to"]) == ("verified", 0, 5)


def test_objects_can_be_left_out(sealed: StreamView, tmp_path: Path) -> None:
    everything = export(tmp_path / "a.tar.gz")
    hidden = export(tmp_path / "b.tar.gz", "--hide", "payload", "--hide", "attrs")
    assert hidden["outcome"] == "verified"
    assert hidden["bytes"] < everything["bytes"]


def test_the_words_name_the_outcome_first(sealed: StreamView, tmp_path: Path) -> None:
    words = run("bundle_export", "acme/decisions", "--out", tmp_path / "b.tar.gz")
    assert words.startswith("verified: leaves 0 to 5 under a head of 6 leaves")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "0", "--to", "6"),
        ("--from", "3", "--to", "2"),
        ("--from", "0", "--since", "2026-01-01T00:00:00.000000Z"),
        ("--since", "yesterday"),
        ("--until", "2001-01-01T00:00:00.000000Z"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_line(
    sealed: StreamView, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    target = tmp_path / "b.tar.gz"
    with pytest.raises(CommandError, match="Next:") as refused:
        run("bundle_export", "acme/decisions", "--out", target, *arguments)
    assert refused.value.returncode == 1
    assert "\n" not in str(refused.value)
    assert not target.exists()


def test_a_target_that_cannot_be_written_is_refused(sealed: StreamView) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        run("bundle_export", "acme/decisions", "--out", "/nowhere/b.tar.gz")


def test_a_bundle_that_does_not_verify_is_no_success(sealed: StreamView, tmp_path: Path, owner_connection: Any) -> None:
    owner_connection.execute("DELETE FROM ledger_object WHERE index = 2 AND role = 'payload'")
    with pytest.raises(CommandError, match=r"incomplete.*payload_missing"):
        run("bundle_export", "acme/decisions", "--out", tmp_path / "b.tar.gz")


def test_the_verifier_is_written_with_its_digest(tmp_path: Path) -> None:
    target = tmp_path / "verify.py"
    told = json.loads(run("verifier_build", "--out", target, "--json"))
    assert target.read_bytes() == build()
    assert told["sha256"] == hashlib.sha256(build()).hexdigest()
    assert told["sha256"] in run("verifier_build", "--out", target)


def test_the_trust_sheet_names_keys_genesis_and_verifier(sealed: StreamView, tmp_path: Path) -> None:
    told = json.loads(run("trust_sheet", "acme/decisions", "--json"))
    words = run("trust_sheet", "acme/decisions")
    digests = [hashlib.sha256(made).hexdigest() for made in (build(), page_bytes())]
    assert [told["verifier"], told["page"]] == digests
    for fact in (sealed.origin, sealed.log.hex(), *digests, *told["log_keys"], *policy_in_force(sealed).splitlines()):
        assert fact in words
    target = tmp_path / "sheet.md"
    assert str(target) in run("trust_sheet", "acme/decisions", "--out", target)
    assert target.read_text() == told["text"]
    with pytest.raises(CommandError, match="cannot be written"):
        run("trust_sheet", "acme/decisions", "--out", "/nowhere/x")
