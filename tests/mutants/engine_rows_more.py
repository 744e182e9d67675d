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
        "test_a_unit_of_somebody_who_was_invited_is_found_too",
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
_EOS = "governance/evidenceos/"
_DAEMON = "tests/db/evidenceos/test_a_real_daemon_is_told.py"


_SEEN = "tests/db/evidenceos/test_what_was_seen_of_a_daemon.py"


def _told(test: str, file: str, old: str, new: str) -> tuple[str, str, str, str]:
    at = _SEEN if test in _OF_SEEN else _DAEMON
    return (_EOS + file, old, new, f"{at}::{test}")


_OF_SEEN = {
    "test_only_whole_lines_that_say_so_count",
    "test_a_log_that_was_cut_off_or_made_anew_is_read_from_its_beginning",
    "test_what_needs_the_daemon_stopped_is_observed_by_a_start_and_no_line",
}
_LINES = "test_only_whole_lines_that_say_so_count"
_NUMBER = "test_a_number_that_another_program_got_is_not_signalled"
_RELOADS = [
    _told(_LINES, "actions/reload.py", '.rpartition(b"\\n")[0]', ""),
    _told(_LINES, "actions/reload.py", "if all(found):", "if any(found):"),
    _told(_LINES, "actions/reload.py", 'return _COLOURS.sub(b"", whole)', "return whole"),
    _told(
        "test_a_log_that_was_cut_off_or_made_anew_is_read_from_its_beginning",
        "actions/reload.py",
        ' and found.st_size >= mark["size"]',
        "",
    ),
    _told(
        "test_what_needs_the_daemon_stopped_is_observed_by_a_start_and_no_line",
        "actions/reload.py",
        "(None if row.effective == Effective.STOPPED else _logged(row))",
        "_logged(row)",
    ),
    _told(
        "test_one_that_ignores_the_signal_is_observed_by_its_restart_alone",
        "actions/reload.py",
        """now["inode"] == 0 or now == row.lock_mark""",
        """now["inode"] == 0""",
    ),
    _told(
        "test_one_that_ignores_the_signal_is_observed_by_its_restart_alone",
        "actions/reload.py",
        """now["inode"] == 0 or now == row.lock_mark""",
        "now == row.lock_mark",
    ),
    _told(
        "test_one_that_is_gone_is_told_of_once_tried_after_a_minute_and_observed_when_it_is_back",
        "actions/reload.py",
        "(row.tried is not None and now < row.tried + AGAIN and not at_once)",
        "now is None",
    ),
    _told(
        "test_workers_that_come_at_once_tell_it_once",
        "actions/reload.py",
        """            row.refresh_from_db(fields=["state", "reload_sent"])\n""",
        "",
    ),
    _told(
        "test_a_directory_that_another_portal_holds_is_told_afterwards",
        "actions/reload.py",
        "        with alone_in(Path(row.target.path), patience=0):",
        "        if row:",
    ),
    _told(_NUMBER, "files/process.py", "    if began > pid_file.stat().st_mtime + SLACK_S:", "    if began < 0:"),
    _told(
        _NUMBER,
        "files/process.py",
        "        if began > (root / LOCK).stat().st_mtime + SLACK_S:",
        "        if began < 0:",
    ),
    _told(_NUMBER, "files/process.py", "    if program and program", "    if not program and program"),
    _told("test_what_is_no_process_id_is_told", "files/process.py", "    if number <= 1:", "    if number < -9:"),
    _told(
        "test_a_command_that_hangs_is_ended_with_all_that_it_began",
        "files/command.py",
        "        os.killpg(child.pid, signal.SIGKILL)",
        "        child.kill()",
    ),
    _told(
        "test_a_command_that_fails_or_is_not_there_leaves_the_plan_untold",
        "files/command.py",
        "        if ended != 0:",
        "        if ended > 0:",
    ),
    (
        "console/evidenceos/safe_order.py",
        """ and plan.effective == "reload"):""",
        "):",
        f"{_SEEN}::test_a_line_about_a_reload_is_no_restart",
    ),
    (
        "governance/evidenceos/selectors/canaries.py",
        """.order_by("-at", "-id")""",
        """.order_by("-id")""",
        "tests/db/evidenceos/test_canaries_in_the_order_of_time.py",
    ),
]
_BYTES = "tests/db/evidenceos/test_drift_is_accepted_by_quorum.py"
_ACCEPTS = [
    (
        "governance/evidenceos/actions/adopt.py",
        "            need_decision(ACCEPTED, self.decision)",
        "            pass",
        f"{_BYTES}::test_files_that_appeared_and_are_gone_count_after_a_quorum_and_not_before",
    ),
    (
        "governance/evidenceos/actions/give_up.py",
        "    governed_by: ClassVar[str | None] = ACCEPTED\n",
        "",
        f"{_BYTES}::test_what_cannot_be_written_is_given_up_by_a_decision_that_names_it",
    ),
    (
        "governance/change/types/drift_accept.py",
        """        if base["waits"] != body["gives_up"]:""",
        """        if base is None:""",
        f"{_BYTES}::test_what_cannot_be_written_is_given_up_by_a_decision_that_names_it",
    ),
    (
        "governance/change/types/drift_accept.py",
        """            if there.get(path, "") != digest or (path in there and not digest)""",
        """            if digest is None""",
        f"{_BYTES}::test_nothing_is_accepted_that_is_not_there_as_named",
    ),
    (
        "governance/evidenceos/actions/carry.py",
        "    if Plan.objects.get(pk=row.pk).state != PlanState.PLANNED:",
        "    if row.pk is None:",
        f"{_BYTES}::test_a_plan_that_was_given_up_while_it_was_written_is_not_told_as_written",
    ),
]
MORE = [*_ACCEPTS, *_INCIDENTS, *_UNITS, *_RESETS, *_RELOADS]
