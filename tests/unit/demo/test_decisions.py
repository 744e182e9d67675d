"""Decisions and overrides follow the shipped profiles, and say who really said what."""

from __future__ import annotations

import hashlib
from pathlib import Path

from console.demo.computation.decisions import Decision, decide, decision_event, override_event
from console.demo.computation.files import KnownFile, known_files
from console.demo.computation.kept import keep
from console.demo.computation.model import train
from console.demo.sources.python_packages import find_files
from ledger.core.strict_json import parse
from ledger.services.profiles import check_profiles

TIME = "2026-11-21T09:16:58Z"
FILE = KnownFile("A B@c", "1.0", "a b/x@y.py", "ab" * 32, 10)
WRONG = Decision(FILE, "data", 6_999, "code")


def test_every_event_of_a_real_run_conforms_to_its_profile() -> None:
    model, decisions = decide(known_files(find_files().events))
    made = [decision_event(one, model.digest(), TIME) for one in decisions]
    overrides = [
        override_event(one, event, index, model.digest(), TIME)
        for index, (one, event) in enumerate(zip(decisions, made, strict=True))
        if one.wrong
    ]
    assert len(made) > 500
    assert 0 < len(overrides) < len(made)
    assert check_profiles("refuse", [*made, *overrides]) == []
    assert len({event.id for event in (*made, *overrides)}) == len(made) + len(overrides)


def test_names_that_a_pseudonym_may_not_hold_do_not_reach_it() -> None:
    made = decision_event(WRONG, "00" * 32, TIME)
    assert check_profiles("refuse", [made, override_event(WRONG, made, 7, "00" * 32, TIME)]) == []


def test_an_override_names_the_decision_and_whose_word_it_is() -> None:
    made = decision_event(WRONG, "00" * 32, TIME)
    said = parse(override_event(WRONG, made, 7, "00" * 32, TIME).payload)
    assert isinstance(said, dict)
    assert said["decision"] == {"source": made.source, "id": made.id, "index": 7}
    assert (said["before"], said["after"]) == ("data", "code")
    assert "nobody was asked again" in str(said["reason"])


def test_an_unsure_decision_asks_for_a_person() -> None:
    sure = Decision(FILE, "data", 7_000, "code")
    reviews = [parse(decision_event(one, "00" * 32, TIME).payload) for one in (WRONG, sure)]
    assert [said["human_review"] for said in reviews if isinstance(said, dict)] == ["required", "none"]


def test_the_kept_models_sha256_is_its_digest_and_its_time_stays(tmp_path: Path) -> None:
    model, path = train([("code", ("a",))]), tmp_path / "model.json"
    first = keep(model, path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == model.digest()
    assert keep(model, path) == first
