"""Mutants of the engine: for whom a change exists, who stops things, and what keys and rules it takes."""

from __future__ import annotations

from tests.mutants.engine_rows import rows_of

_SEEN = rows_of(
    "test_changes_are_seen_by_whom_they_concern.py",
    (
        "test_a_step_takes_the_change_to_exist_for_whoever_takes_it_and_no_door_can_forget_it",
        "actions/base.py",
        "                check_exists_for(self.by, row, self.at)\n",
        "",
    ),
    (
        "test_a_step_takes_the_change_to_exist_for_whoever_takes_it_and_no_door_can_forget_it",
        "actions/issue.py",
        "            check_exists_for(by, row, at)\n",
        "",
    ),
)
_NATIVE = rows_of(
    "test_native_signatures.py",
    (
        "test_a_native_key_that_still_cools_down_makes_nothing",
        "actions/native.py",
        "    _check_rested(signer, rule_of(revision.rule).cool_down_s, now)\n",
        "",
    ),
)
_CRITICAL = rows_of(
    "test_people_keys_and_policies.py",
    (
        "test_in_production_a_critical_rule_takes_a_key_that_no_browser_holds",
        "selectors/binding.py",
        "    check_critical(policy)\n",
        "",
    ),
)
_FREEZERS = rows_of(
    "test_containment.py",
    (
        "test_an_executor_of_a_tenant_does_not_freeze_the_platform",
        "selectors/people.py",
        "    return _holds(view, _FREEZE, tenant)",
        "    return view is not None and any(role in _FREEZE for role, _ in view.roles)",
    ),
)
ROWS_OF_WHO_MAY = [*_SEEN, *_NATIVE, *_CRITICAL, *_FREEZERS]
