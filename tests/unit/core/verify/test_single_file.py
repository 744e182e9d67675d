"""The single file: deterministic, readable, and of one mind with the package on a stock Python."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ledger import single_file as builder
from tests.corpus.all import all_cases, outcome_for

STOCK = (sys.executable, "-I", "-S")
DRIVER = Path(__file__).with_name("driver.py")
EXIT = {"verified": 0, "rejected": 1, "incomplete": 2, "unusable": 64}


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*STOCK, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)


def test_it_gives_the_corpus_the_same_outcomes_and_codes_without_any_package(
    single_file: Path, corpus: Path, tmp_path: Path
) -> None:
    done = run(DRIVER, single_file, corpus, cwd=tmp_path)
    assert done.stderr == ""
    *rows, last = map(json.loads, done.stdout.splitlines())
    assert last == {"loaded": []}
    expected = {case.name: case.without if case.needs else case.codes for case in all_cases()}
    assert {row["name"]: frozenset(row["codes"]) for row in rows} == {
        name: _at_the_door(name, codes) for name, codes in expected.items()
    }
    for row in rows:
        outcome = outcome_for(frozenset(row["codes"]))
        assert (row["outcome"], row["status"]) == (outcome, EXIT[outcome])


def _at_the_door(name: str, codes: frozenset[str]) -> frozenset[str]:
    """Without --now the door reads the clock, and a manifest of the future is one."""
    return codes | {"time_in_future"} if name == "no-clock" else codes


@pytest.mark.parametrize("name", ["good", "changed-payload-repacked", "stranger", "archive-empty"])
def test_its_exit_code_and_first_line_say_the_outcome(
    single_file: Path, corpus: Path, tmp_path: Path, name: str
) -> None:
    case, row = corpus / name, json.loads((corpus / name / "expected.json").read_bytes())
    done = run(
        single_file,
        "bundle",
        case / "input",
        "--policy",
        case / "policy",
        "--now",
        str(row["now"]),
        cwd=tmp_path,
    )
    assert done.returncode == EXIT[row["outcome"]]
    assert done.stdout.startswith(f"{row['outcome']}: ")
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_a_package_of_the_same_name_does_not_lead_it_astray(
    single_file: Path, corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "__init__.py").write_text("raise SystemExit('taken over')\n")
    case = corpus / "good"
    arguments = [
        sys.executable,
        "-S",
        single_file,
        "bundle",
        case / "input",
        "--policy",
        case / "policy",
        "--now",
        "1795255200",
    ]
    done = subprocess.run(
        [*map(str, arguments)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_it_tells_its_own_digest(single_file: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(single_file.read_bytes()).hexdigest()
    assert digest in run(single_file, "--version", cwd=tmp_path).stdout


def test_the_same_sources_give_the_same_file() -> None:
    assert builder.build() == builder.build()


def test_every_module_stands_in_it_word_for_word() -> None:
    text = builder.build().decode()
    sources = builder.sources()
    assert len(sources) > 60
    assert all(source in text for source in sources.values())
    parts = {"core", "errors", "verify", "verify_arguments", "verify_processes", "verify_threads"}
    ours = {name for name in sources if name.startswith("ledger.")}
    assert all(name.split(".")[1] in parts for name in ours)
    others = {name for name in sources if name not in ours | {"ledger", "governance", "governance.change"}}
    assert {name.rpartition(".")[0] for name in others} == {"governance.change", "governance.change.core"}


def test_a_module_that_cannot_stand_word_for_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "sources", lambda: {"ledger": "x = '''\n"})
    with pytest.raises(builder.NotEmbeddable):
        builder.build()
