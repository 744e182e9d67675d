"""Every attack and every invariant of the governance reference has a test, and what a docstring names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = sorted((ROOT / "tests/api").glob("test_attacks_on_changes_*.py"))
ELSEWHERE = {
    23: "tests/e2e/test_the_demo.py::test_an_altered_portal_gets_no_signature_over_other_bytes",
    29: "tests/unit/change/test_statement.py::test_a_digest_or_difference_that_does_not_follow_is_refused",
    30: "tests/web/test_signing_in.py::test_the_sixth_attempt_within_a_minute_is_told_to_wait",
}
"""Attack 29 swaps an attachment: a change has none, its whole body stands in the signed bytes."""
_HISTORIES = "tests/property/test_change_histories.py::test_whatever_is_tried_only_what_must_be_taken_is_taken"
_QUORUM = "tests/property/test_quorum_properties.py::test_it_is_met_exactly_where_a_choice_of_distinct_people_exists"
_CORE = "tests/property/test_governance_invariants.py"
_DOORS = "tests/api/test_attacks_on_changes_emergency.py"
_ELSEWHERE = "tests/api/test_attacks_through_other_doors.py"
_EXPLAINED = "tests/db/change/test_the_record_explains_the_database.py"
_KILLED = "tests/db/change/test_killed_in_mid_flight.py"
_ROWS = "tests/db/change/test_rows_stay_as_they_are.py"
_STOPS = "tests/db/change/test_what_stops_a_change.py"
INVARIANTS = {
    1: (_HISTORIES, _QUORUM),
    2: (_QUORUM,),
    3: (_HISTORIES, "tests/api/test_attacks_on_changes_time.py::test_13_not_a_second_before_the_lock_is_over"),
    4: (_HISTORIES, f"{_EXPLAINED}::test_everything_is_explained", _KILLED),
    5: (_HISTORIES, f"{_STOPS}::test_another_state_makes_it_stale_and_a_rebase_asks_everybody_again"),
    6: (_HISTORIES, f"{_STOPS}::test_an_edit_voids_every_signature"),
    7: (_HISTORIES, "tests/unit/change/test_states.py::test_nothing_leads_out_of_an_end"),
    8: ("tests/property/test_ledger_histories.py::test_any_history_verifies_from_its_bytes",),
    9: (_HISTORIES, f"{_ROWS}::test_no_step_without_its_event_even_one_of_the_table"),
    10: (f"{_CORE}::test_i10_no_word_of_a_key_counts_from_the_place_on_that_took_it_away", _HISTORIES),
    11: (f"{_CORE}::test_i11_a_rule_is_satisfiable_exactly_where_some_people_could_meet_it",
         "tests/db/change/test_people_keys_and_policies.py::test_a_policy_that_nobody_can_meet_is_not_saved"),
    12: (f"{_CORE}::test_i12_what_the_policy_lets_loosen_it_lets_tighten",),
    13: (f"{_CORE}::test_i13_what_meets_the_stricter_of_two_rules_meets_both",),
    14: (_HISTORIES, "tests/unit/change/test_judging_bounds.py::test_nothing_lapses_under_a_freeze"),
    15: ("tests/web/test_every_door_hides_others.py",),
    16: (f"{_CORE}::test_i16_two_statements_read_alike_only_if_they_are_the_same_bytes",),
    17: (f"{_CORE}::test_i17_bytes_that_are_taken_are_the_canonical_form_of_what_they_say",
         "tests/e2e/test_signers_agree.py::test_three_signers_agree_on_ten_thousand_payloads"),
    18: ("tests/db/change/test_at_once.py::test_an_edit_and_the_last_approval_never_mix",),
    19: (f"{_STOPS}::test_a_clock_that_goes_back_shortens_nothing",),
    20: (f"{_CORE}::test_i20_no_signed_bytes_of_one_verb_are_those_of_another",),
    21: (_HISTORIES, f"{_ROWS}::test_a_nonce_is_used_up_once",
         "tests/db/change/test_words_that_are_refused.py::test_the_same_envelope_counts_once"),
    22: (f"{_DOORS}::test_i22_the_machine_at_the_server_signs_and_executes_nothing",
         f"{_DOORS}::test_i22_a_task_that_is_pointed_at_what_nobody_signed_is_refused_and_recorded",
         f"{_DOORS}::test_i22_no_command_decides_and_those_that_govern_ask_for_a_decision",
         f"{_DOORS}::test_25_the_administration_moves_no_change",
         f"{_ELSEWHERE}::test_each_door_refuses_it_and_records_a_denial"),
}  # fmt: skip


def functions(path: Path) -> set[str]:
    return {one.name for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.FunctionDef)}


def is_there(told: str) -> bool:
    file, _, name = told.partition("::")
    return (ROOT / file).is_file() and (not name or name in functions(ROOT / file))


@pytest.mark.parametrize("number", range(1, 31))
def test_an_attack_of_this_number_is_made(number: int) -> None:
    made = {one for path in ATTACKS for one in functions(path) if one.startswith(f"test_{number}_")}
    assert made or is_there(ELSEWHERE[number])


def test_each_attack_is_made_at_the_other_doors_too() -> None:
    told = (ROOT / "tests/support/attacks_elsewhere.py").read_text()
    assert [int(one) for one in re.findall(r"^@attack\((\d+)\)$", told, re.MULTILINE)] == [*range(1, 31)]
    assert is_there(f"{_ELSEWHERE}::test_each_door_refuses_it_and_records_a_denial")


@pytest.mark.parametrize("number", range(1, 23))
def test_an_invariant_of_this_number_is_searched(number: int) -> None:
    assert [one for one in INVARIANTS[number] if not is_there(one)] == []


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_what_the_attacks_name_is_there(path: Path) -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", ast.get_docstring(ast.parse(path.read_text())) or "")
    assert [one for one in named if not (ROOT / one).exists()] == []
