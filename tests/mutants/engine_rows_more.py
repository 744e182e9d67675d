"""More rows of the engine: incidents that are opened by themselves, and what rests on them."""

from __future__ import annotations

from tests.mutants.engine_rows import rows_of

_GATE = "tests/db/evidenceos/test_settings_through_the_gate.py"
_RESET = f"{_GATE}::test_a_canary_is_reset_in_an_incident_with_the_daemon_stopped_and_nothing_else_moves"
_INCIDENTS = rows_of(
    "test_incidents_of_their_own.py",
    (
        "test_it_takes_somebody_who_may_stop_things_in_a_session",
        "actions/own_incident.py",
        "    if not may_tend_incident(views(at.now).get(by.actor), tenant):",
        "    if by.actor is None:",
    ),
    (
        "test_it_takes_somebody_who_may_stop_things_in_a_session",
        "actions/own_incident.py",
        "    require_session(by)\n",
        "",
    ),
    (
        "test_who_opened_it_does_not_close_it_and_its_end_is_final",
        "actions/own_incident.py",
        "        return self.by.actor == self.incident.by or",
        "        return",
    ),
    (
        "test_who_opened_it_does_not_close_it_and_its_end_is_final",
        "actions/own_incident.py",
        "        if self.incident.closed is not None:",
        "        if self.incident.closed == 0:",
    ),
    (
        "test_nobody_drowns_the_others_in_incidents",
        "actions/own_incident.py",
        ".count() >= MOST_OPEN:",
        ".count() < 0:",
    ),
    (
        "test_an_open_incident_keeps_no_emergency_from_being_declared",
        "actions/emergency.py",
        "closed__isnull=True, change__isnull=False)",
        "closed__isnull=True)",
    ),
)
_UNITS = rows_of(
    "test_units_of_people.py",
    (
        "test_nobody_is_moved_so_that_a_rule_cannot_be_met",
        "types/person_unit.py",
        "        check_still_met(moved(staff, body), staff)\n",
        "",
    ),
    (
        "test_whom_it_moves_neither_approves_nor_carries_it_out",
        "types/person_unit.py",
        'return frozenset({actor_of(uuid.UUID(str(body["person"])))})',
        "return frozenset()",
    ),
    (
        "test_a_genesis_under_which_units_are_too_few_is_not_taken",
        "types/genesis.py",
        ', unit=str(one.get("unit", "")))',
        ", unit=person)",
    ),
    (
        "test_a_unit_that_nobody_decided_is_found",
        "selectors/explaining.py",
        "        yield unit_subject(person.public_id), unit_of(person)\n",
        "",
    ),
    (
        "test_what_was_approved_in_another_unit_counts_from_the_move_on",
        "selectors/people.py",
        "        unit_since=int(view.unit_since.timestamp()) if view.unit_since else 0,\n",
        "",
    ),
)
_TYPE = "governance/change/types/canary_reset.py"
_RESETS = [
    (_TYPE, "Q(tenant=None) | Q(tenant=owner), ", "", _RESET),
    (_TYPE, "), closed=None)", "))", _RESET),
    (
        "governance/change/actions/own_incident.py",
        "Change.objects.filter(executor=self.by.actor, **named).exists()",
        "not named",
        _RESET,
    ),
]
MORE = [*_INCIDENTS, *_UNITS, *_RESETS]
