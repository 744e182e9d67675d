"""The command line: arguments, exit codes, words, the report file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.core.report import Finding, Report
from ledger.core.verify.words import in_words
from ledger.verify import main
from tests.corpus.cases import NOW


@pytest.fixture
def good(corpus: Path) -> list[str]:
    """Arguments that verify the good bundle."""
    case = corpus / "good"
    return ["bundle", str(case / "input"), "--policy", str(case / "policy"), "--now", str(NOW)]


def test_a_good_bundle_is_told_in_one_line_first(good: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(good) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    span = "leaves 5 to 28, under a head of 34 leaves"
    assert first == f"verified: 22 events of demo-c0ffee.localhost/log/acme/decisions, {span}"
    assert any("the leaves of the range are exactly those under the signed root" in line for line in rest)
    assert "Not claimed:" in rest


def test_the_report_is_written_and_printed_alike(
    good: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "report.json"
    assert main([*good, "--json", "--report", str(target)]) == 0
    printed = capsys.readouterr().out
    assert target.read_text() == printed
    report = json.loads(printed)
    assert set(report) == {
        "outcome", "ok", "kind", "subject", "checked", "failed", "counts", "problems", "notes", "not_claimed"
    }  # fmt: skip
    assert report["ok"] is True
    assert report["failed"] == []


def test_a_size_beyond_the_numbers_of_json_is_text(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = corpus / "checkpoint-beyond-doubles"
    arguments = ["checkpoint", str(case / "input"), "--policy", str(case / "policy"), "--now", str(NOW)]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["subject"]["size"] == str(2**60 + 1)
    assert main(arguments) == 0
    assert f"checkpoint of {2**60 + 1:,} leaves" in capsys.readouterr().out


def test_the_time_may_have_a_zone(good: list[str]) -> None:
    assert main([*good[:-1], "2026-11-21T12:00:00+01:00"]) == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda words: words[:1], "arguments"),
        (lambda words: words[:0], "arguments"),
        (lambda words: ["banana", *words[1:]], "arguments"),
        (lambda words: [*words, "--frobnicate"], "arguments"),
        (lambda words: words[:2], "arguments"),
        (lambda words: [*words[:-1], "yesterday"], "arguments"),
        (lambda words: [*words[:-1], "2026-11-21T12:00:00"], "arguments"),
        (lambda words: [*words[:-1], "9" * 40], "arguments"),
        (lambda words: [words[0], "/nowhere/x", *words[2:]], "input_unreadable"),
        (lambda words: [words[0], "/", *words[2:]], "input_unreadable"),
        (lambda words: [*words[:3], "/nowhere/x", *words[4:]], "input_unreadable"),
        (lambda words: [*words[:3], words[1], *words[4:]], "policy_invalid"),
        (lambda words: [*words, "--trust", words[3]], "trust_invalid"),
        (lambda words: [*words, "--report", "/nowhere/x/y"], "input_unreadable"),
    ],
)
def test_unusable_input_ends_with_64_and_a_code(
    good: list[str], change: object, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(change)
    assert main([*change(good), "--json"] if change(good) else []) == 64
    out = capsys.readouterr().out
    assert code in out
    assert "unusable" in out


@pytest.mark.parametrize(
    "text",
    ['{"genesis":5}', '{"x":1}', "[]", '{"remembered":[{"note":"x"}]}', '{"max_age":-1}', '{"require_pq":1}'],
)
def test_a_wrong_trust_file_is_refused(good: list[str], tmp_path: Path, text: str) -> None:
    (tmp_path / "trust.json").write_text(text)
    assert main([*good, "--trust", str(tmp_path / "trust.json")]) == 64


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bundle", "--help"])
    assert ended.value.code == 0
    assert "countersign-verify bundle export.tar.gz --policy trust.policy" in capsys.readouterr().out


def test_the_package_says_that_it_is_not_the_single_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert "installed package" in capsys.readouterr().out


def test_a_leaf_is_given_for_a_proof(corpus: Path, tmp_path: Path) -> None:
    case = corpus / "proof-no-leaf"
    words = ["proof", str(case / "input"), "--policy", str(case / "policy"), "--now", str(NOW)]
    assert main(words) == 64
    (tmp_path / "leaf").write_bytes(b"another leaf")
    assert main([*words, "--leaf", str(tmp_path / "leaf")]) == 1


def test_what_could_steer_a_terminal_is_escaped() -> None:
    finding = Finding("leaf_schema", "x\x1b[2J", "evil\x07 \u202e", "next")
    text = in_words(Report("bundle", "rejected", (), (), (finding,), (), (), {"origin": "a\x1b"}))
    assert text.isprintable() or all(character.isprintable() or character == "\n" for character in text)
    assert "\\x1b" in text
