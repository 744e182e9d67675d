"""Mutants of the engine: what a change of a data directory is held against when it is carried out or taken back."""

from __future__ import annotations

_AT = "governance/change/"
ROWS_OF_DIRECTORIES = [
    (_AT + file, old, new, f"tests/db/evidenceos/test_every_check_is_asked_twice.py::{test}")
    for test, file, old, new in (
        (
            "test_a_key_that_was_put_in_the_authors_place_lets_no_contract_through",
            "types/nullspec.py",
            "        _check_signed(contract, made.detached, found.directory.keyring)\n",
            "",
        ),
        (
            "test_the_way_back_leads_to_no_contract_that_has_lapsed_meanwhile",
            "actions/revert.py",
            "        check_gate(kind, kind.base(body, lock=True), body, back=True)\n",
            "",
        ),
        (
            "test_a_record_that_upstreams_own_tool_broke_is_registered_anew",
            "types/oracle_records.py",
            'if not f"{one.path}.".startswith(f"{own}.")',
            "",
        ),
        (
            "test_without_a_forced_epoch_a_pair_that_was_retired_comes_back",
            "types/targets.py",
            'any(one.outcome == "failed" for one in checks) if back else not may(checks)',
            "not may(checks)",
        ),
    )
]
