"""A step of the journal is recognised from the disk: due, done, begun, or overtaken by somebody else."""

from __future__ import annotations

import pytest

from governance.evidenceos.core.steps import FileStep, Progress, appended, progress, step_of, tail_of, written
from governance.evidenceos.core.watched import is_watched

LOG = {"log": b"one\ntwo\n"}
LINE = b'{"three":3}\n'


def line(files: dict[str, bytes] | None = None) -> FileStep:
    return appended(LOG if files is None else files, "log", LINE, "x")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (b"old", Progress.DUE),
        (b"new", Progress.DONE),
        (b"foreign", Progress.OVERTAKEN),
        (None, Progress.OVERTAKEN),
    ],
)
def test_a_file_is_replaced_only_where_it_is_as_it_was(now: bytes | None, expected: Progress) -> None:
    assert progress(written({"f": b"old"}, "f", b"new"), now) is expected


def test_a_new_file_is_written_only_where_there_is_none() -> None:
    step = written({}, "f", b"new")
    assert progress(step, None) is Progress.DUE
    assert progress(step, b"new") is Progress.DONE
    assert progress(step, b"") is Progress.OVERTAKEN


def test_what_is_there_already_counts_as_done_whatever_was_there_before() -> None:
    assert progress(written({"f": b"same"}, "f", b"same"), b"same") is Progress.DONE


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (LOG["log"], Progress.DUE),
        (LOG["log"] + LINE, Progress.DONE),
        (LOG["log"] + b"foreign\n", Progress.DUE),
        (LOG["log"] + b"foreign\n" + LINE + b"foreign\n", Progress.DONE),
        (LOG["log"] + LINE[:4], Progress.PARTLY),
        (LOG["log"] + b"foreign\n" + LINE[:4], Progress.PARTLY),
        (LOG["log"] + b"torn by others", Progress.OVERTAKEN),
        (b"other\ntwo\n", Progress.OVERTAKEN),
        (b"one\n", Progress.OVERTAKEN),
        (None, Progress.OVERTAKEN),
    ],
)
def test_a_line_is_added_once_behind_whatever_others_added(now: bytes | None, expected: Progress) -> None:
    assert progress(line(), now) is expected


def test_a_line_begun_before_is_ended_not_repeated() -> None:
    for size in range(1, len(LINE)):
        now = LOG["log"] + LINE[:size]
        assert progress(line(), now) is Progress.PARTLY
        assert now + tail_of(line(), now) == LOG["log"] + LINE


def test_the_first_line_makes_the_log() -> None:
    assert progress(line({}), None) is Progress.DUE
    assert progress(line({}), b"") is Progress.DUE
    assert progress(line({}), LINE) is Progress.DONE


def test_the_journal_keeps_a_step_whole() -> None:
    for step in (line(), written({}, "a/b", bytes(range(256)), "about")):
        assert step_of(step.to_json()) == step


def test_what_the_daemon_writes_is_not_watched() -> None:
    theirs = ("etl.log", "state.json", "kernel.lock", "keys/ab.key", "accounts.json", "settlement_spool/1/x.json")
    ours = ("nullspec/active_map.json", "trusted_oracle_keys.json", "keys/active_key_id", "nullspec-registry/n/o/a.sig")
    assert not any(map(is_watched, theirs))
    assert all(map(is_watched, ours))
