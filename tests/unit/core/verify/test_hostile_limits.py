"""Floods, bombs and faults of our own: they end in a code, in bounded time, and never as `rejected` by accident."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from ledger import verify as door
from ledger.core import signature_check
from ledger.core.bundle import note_name
from ledger.core.checkpoint import Checkpoint
from ledger.core.gzip_stream import compressed
from ledger.core.merkle import leaf_hash
from ledger.core.note import Note, NoteSignature
from ledger.core.report import Report
from ledger.core.tar import Limits, header
from ledger.core.trust import Reader
from ledger.core.types import Hash, JSONObject, TreeSize
from ledger.core.verify import bundle, forks, heads, single_receipt, verify_bundle, verify_receipt, windows
from ledger.core.verify.case import Case
from ledger.core.vkey import VKey
from ledger.core.window import window_root
from ledger.core.witness_policy import parse_policy
from tests.corpus.cases import NOW, POLICY, base, own
from tests.corpus.draft import Draft, draft_of
from tests.corpus.keys import LOG, ORIGIN
from tests.corpus.log import Log
from tests.corpus.singles import receipt

READER = Reader(parse_policy(POLICY), now=NOW)


def judged(data: bytes, limits: Limits | None = None, scratch: io.BytesIO | None = None) -> Report:
    return verify_bundle(io.BytesIO(data), scratch or io.BytesIO(), READER, limits)


def flooded(draft: Draft, notes: int) -> Draft:
    """Notes of a hundred wrong lines each, in the name of the log's key."""
    vkey = LOG.vkey()
    for number in range(notes):
        text = Checkpoint(ORIGIN, TreeSize(5 + number % 25), leaf_hash(b"%d" % number)).text()
        lines = tuple(NoteSignature(vkey.name, vkey.key_id, bytes([line]) + bytes(63)) for line in range(100))
        draft.files[f"checkpoints/z{number:07d}.note"] = Note(text, lines).to_bytes()
    return draft


def test_a_flood_of_signature_lines_costs_one_check_for_each_note(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []
    real = signature_check.check_signature

    def counted(vkey: VKey, text: str, body: bytes) -> signature_check.Verdict:
        checked.append(body)
        return real(vkey, text, body)

    monkeypatch.setattr(signature_check, "check_signature", counted)
    assert "log_signature_wrong" in judged(own(flooded(base(), 50))).codes
    assert 50 <= len(checked) < 60


def test_more_checkpoints_than_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "MAX_CHECKPOINTS", 2)
    assert "archive_limit" in judged(own(base())).codes
    monkeypatch.setattr(heads, "MAX_CHECKPOINTS", 3)
    assert judged(own(base())).outcome == "verified"


def test_more_bytes_of_checkpoints_than_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = base()
    monkeypatch.setattr(heads, "MAX_CHECKPOINTS_BYTES", len(draft.files[note_name(12)]))
    assert "archive_limit" in judged(own(draft)).codes


def test_more_reported_forks_than_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "MAX_FORKS", 0)
    draft = base()
    draft.files["forks/0.json"] = b"{}"
    assert judged(own(draft)).codes == {"archive_limit"}


def test_a_bomb_is_refused_at_its_first_header_and_not_written_out() -> None:
    scratch = io.BytesIO()
    data = b"".join(compressed([b"no header at all".ljust(512, b".") + bytes(32 << 20)]))
    assert judged(data, scratch=scratch).codes == {"archive_malformed", "not_evaluated"}
    assert scratch.getvalue() == b""


def test_a_tar_is_refused_where_a_header_is_wrong_and_not_read_on() -> None:
    scratch = io.BytesIO()
    first = header("README.txt", 1 << 20) + bytes(1 << 20)
    data = b"".join(compressed([first + b"x" * 512 + bytes(32 << 20)]))
    assert "archive_malformed" in judged(data, scratch=scratch).codes
    assert len(scratch.getvalue()) <= 2 << 20


def test_the_default_room_is_a_few_gibibytes_and_can_be_raised_at_the_door(corpus: Path, tmp_path: Path) -> None:
    assert Limits().tar_bytes == 4 << 30
    case, report = corpus / "good", tmp_path / "report.json"
    words = ["bundle", str(case / "input"), "--policy", str(case / "policy"), "--now", str(NOW)]
    words += ["--report", str(report)]
    assert door.main([*words, "--max-bytes", "1000"]) == 1
    assert {row["code"] for row in json.loads(report.read_text())["problems"]} == {"archive_limit", "not_evaluated"}
    assert door.main([*words, "--max-bytes", "10000000"]) == 0
    assert door.main([*words, "--max-bytes", "many"]) == 64


def failing(*_: object) -> None:
    raise ZeroDivisionError


def test_a_step_that_fails_by_its_own_fault_is_not_evaluated_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = tuple((name, failing if name == "period" else step) for name, step in bundle._STEPS)
    monkeypatch.setattr(bundle, "_STEPS", steps)
    report = judged(own(base()))
    assert report.outcome == "incomplete"
    assert report.codes == {"not_evaluated"}
    assert (report.problems[0].path, "ZeroDivisionError" in report.problems[0].message) == ("period", True)
    assert {"range", "receipts", "manifest_signature"} <= set(report.checked)


def test_streams_that_fail_are_the_callers_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(_: Case) -> None:
        raise OSError("disk")

    monkeypatch.setattr(bundle, "_STEPS", (("manifest", torn),))
    with pytest.raises(OSError, match="disk"):
        judged(own(base()))


def test_a_receipt_that_meets_a_fault_of_ours_is_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_receipt, "_fits", failing)
    report = verify_receipt(receipt(), READER)
    assert report.outcome == "incomplete"
    assert report.codes == {"not_evaluated"}


def test_the_door_never_ends_with_1_by_a_fault_of_ours(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(door, "verify_bundle", failing)
    case = corpus / "good"
    assert door.main(["bundle", str(case / "input"), "--policy", str(case / "policy")]) == 2
    assert "not_evaluated" in capsys.readouterr().out


def test_a_reader_who_closes_the_pipe_is_not_told_rejected(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, _: object) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BufferedWriter(Closed(), 1)))
    case = corpus / "good"
    assert door.main(["bundle", str(case / "input"), "--policy", str(case / "policy"), "--now", str(NOW)]) == 64


def test_windows_that_lie_over_each_other_cost_no_more_than_their_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large window, a small one that takes the count back, the large one again, and so on."""
    log = Log()
    log.genesis()
    log.events(0, 40)
    rooted: list[int] = []

    def counted(hashes: list[Hash]) -> Hash:
        rooted.append(len(hashes))
        return window_root(hashes)

    def add(number: int, start: int, end: int) -> None:
        fields: JSONObject = {"number": number, "from": start, "to": end, "count": end - start + 1, "reason": "count"}
        moment = log.leaves[-1].recorded
        rest: JSONObject = {"root": "ab" * 32, "opened": moment, "closed": moment, "control": log.link()}
        log.add("window", fields | rest)

    for _ in range(20):
        add(1, 0, 0)
        add(2, 1, 40)
    log.checkpoint()
    monkeypatch.setattr(windows, "window_root", counted)
    assert "window_mismatch" in judged(own(draft_of(log, 0, log.size - 1))).codes
    assert sum(rooted) <= log.size
