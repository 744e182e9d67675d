"""Mutants of the engine: rules that only its own database can show to be kept. Run by test_engine_mutants.py."""

from __future__ import annotations

_AT, _DB = "governance/change/", "tests/db/change/"


def rows_of(test_file: str, *changes: tuple[str, str, str, str]) -> list[tuple[str, str, str, str]]:
    """(test, file, old, new) of one file of tests as (file, old, new, test)."""
    return [(_AT + file, old, new, f"{_DB}{test_file}::{test}") for test, file, old, new in changes]


_WORDS = rows_of(
    "test_words_that_are_refused.py",
    (
        "test_a_signature_that_is_not_exactly_the_one",
        "actions/hearing.py",
        "    if not ed25519.verify(",
        "    if given is None and not ed25519.verify(",
    ),
    (
        "test_what_was_signed_is_compared_field_by_field",
        "actions/hearing.py",
        "    _check_same(statement, row, verb, person, given.kid)\n",
        "",
    ),
    (
        "test_a_head_that_nobody_signed",
        "actions/hearing.py",
        "least=issued.size)",
        "least=issued.size) if issued is None else None",
    ),
    (
        "test_a_revoked_key_vetoes_nothing_either",
        "actions/hearing.py",
        "    if not key.lives_at(index):",
        "    if index < 0:",
    ),
    (
        "test_a_statement_that_has_ended",
        "actions/hearing.py",
        "    if found.expires < at.now:",
        "    if found.expires is None:",
    ),
    ("test_a_token_decides_nothing", "actions/saying.py", "        require_session(self.by)\n", ""),
    (
        "test_whoever_edited_once_never_approves_though_another_edited_after_them",
        "selectors/standing.py",
        "frozenset({row.author, *(one.by for one in row.revisions.all())})",
        "frozenset({row.author})",
    ),
)
_STOPS = rows_of(
    "test_what_stops_a_change.py",
    (
        "test_an_approval_counts_only_while_its_key_its_place_and_its_person_do",
        "actions/execute.py",
        "    if not stands.quorum.met:",
        "    if stands.quorum.met is None:",
    ),
    ("test_it_expires", "actions/execute.py", "    if stands.is_expired:", "    if stands.is_expired is None:"),
    (
        "test_another_policy_makes_it_stale",
        "actions/execute.py",
        "    if policy_in_force().digest != revision.policy:",
        "    if not revision.policy:",
    ),
    (
        "test_an_executor_who_edited_it_once_does_not_carry_it_out",
        "actions/execute.py",
        "person in stands.subject.contributors:",
        "person == row.author:",
    ),
    (
        "test_an_executor_who_wrote_or_approved_does_not_carry_out",
        "actions/execute.py",
        "is not ExecutorRule.ANY and person in stands.subject.contributors",
        "is None and person == row.author",
    ),
    (
        "test_an_executor_who_wrote_or_approved_does_not_carry_out",
        "actions/execute.py",
        "NOT_AUTHOR_NOT_APPROVER and person in stands.approvers",
        "ANY and person == ''",
    ),
    (
        "test_a_hold_stops_it_and_after_its_release_the_lock_begins_anew",
        "actions/hold.py",
        'Step.RELEASE, {"ready_at": None, "lost_at": place.now})',
        'Step.RELEASE, {"ready_at": None, "lost_at": 0})',
    ),
    (
        "test_a_quorum_that_was_lost_and_came_back_brings_no_time_with_it",
        "selectors/people.py",
        "        began=tuple((group, int(begun.timestamp())) for group, begun in view.seats),\n",
        "",
    ),
    (
        "test_an_edit_voids_every_signature",
        "selectors/standing.py",
        "    subject = Subject(row.revision, ",
        "    subject = Subject(1, ",
    ),
)
_COOLS = rows_of(
    "test_who_cools_down_says_nothing.py",
    ("test_no_word_is_taken", "actions/saying.py", "        self._check_rested(word, stands)\n", ""),
    ("test_no_word_is_taken", "core/quorum.py", "if key is not None and said < key", "if key is None and said < key"),
    (
        "test_a_declaration_does_not_count_while_its_signer_is_barred",
        "actions/emergency.py",
        "    return rested and ",
        "    return ",
    ),
)
_CAPS = rows_of(
    "test_steps_add_up_to_no_more_than_a_cap.py",
    (
        "test_small_steps_are_refused_once_they_add_up_to_too_much",
        "actions/execute.py",
        "    check_caps(stands)\n",
        "",
    ),
    (
        "test_for_ever_is_no_step_between_two_numbers",
        "core/limits.py",
        "return None if low is None or high is None else",
        "return 0 if low is None or high is None else",
    ),
    (
        "test_a_way_back_brings_nothing_that_the_cap_would_not",
        "actions/revert.py",
        "    check_caps(stands, takes_back=original)\n",
        "",
    ),
)
_FLOW = rows_of(
    "test_a_change_from_draft_to_effect.py",
    (
        "test_two_approve_the_lock_runs_out_and_a_third_executes",
        "actions/execute.py",
        "    if left > 0:",
        "    if left > 10**9:",
    ),
)
_CONTAIN = rows_of(
    "test_containment.py",
    (
        "test_one_word_freezes_and_nothing_is_executed_until_others_thaw",
        "actions/execute.py",
        '    if freeze is not None and row.type != "thaw":',
        "    if freeze == row.type:",
    ),
    (
        "test_who_froze_by_a_word_in_advance_does_not_thaw_either",
        "types/freezing.py",
        "by=context.whose,",
        "by=context.by.actor,",
    ),
    (
        "test_where_the_policy_asks_for_approvals_one_word_is_not_enough",
        "actions/contain.py",
        "        if stands.rule.tier is not Tier.EMERGENCY:",
        "        if stands.rule is None:",
    ),
    (
        "test_one_word_freezes_and_nothing_is_executed_until_others_thaw",
        "types/freezing.py",
        'return frozenset(rows.values_list("by", flat=True))',
        "return frozenset()",
    ),
    (
        "test_a_role_that_may_not_stop_things_freezes_nothing",
        "actions/contain.py",
        "        if not self.may(views(self.at.now).get(self.by.actor), row):",
        "        if row is None:",
    ),
)
_EMERGENCY = rows_of(
    "test_emergencies.py",
    (
        "test_one_declares_another_acknowledges_and_it_is_applied",
        "actions/emergency.py",
        "or declared <= {self.by.actor}:",
        ":",
    ),
    (
        "test_a_second_emergency_waits_for_the_end_of_the_first",
        "actions/emergency.py",
        "        if Incident.objects.filter(closed__isnull=True, change__isnull=False).exists():",
        "        if row is None:",
    ),
    (
        "test_what_gives_power_is_not_applied_in_an_emergency",
        "types/emergency_apply.py",
        "is not Direction.TIGHTENS or",
        "is None or",
    ),
    (
        "test_two_people_do_not_take_the_last_places_that_the_policy_needs",
        "types/emergency_apply.py",
        "            kind.check(_body(body), staff)",
        "            pass",
    ),
    (
        "test_nothing_is_undone_in_the_middle_of_a_freeze",
        "actions/settle.py",
        "    if freeze_on(stands.row) is None:",
        "    if stands.is_expired:",
    ),
    (
        "test_what_nobody_ratifies_is_undone_and_blocks_the_next",
        "actions/settle.py",
        "    carry_out(back, back.base(told, lock=True), told, context)",
        "    back.base(told, lock=True)",
    ),
)
_BACK = rows_of(
    "test_the_way_back.py",
    (
        "test_after_the_window_it_takes_a_change_of_its_own",
        "actions/revert.py",
        "    if place.now > original.observe_until:",
        "    if place.now < 0:",
    ),
    (
        "test_not_once_the_state_has_moved",
        "actions/revert.py",
        "    if _state_moved(applied, stands):",
        "    if applied is None:",
    ),
)
_EARLY = rows_of(
    "test_signed_in_advance.py",
    ("test_not_after_a_hold", "actions/advance.py", " and word.at > stands.row.lost_at\n", "\n"),
    (
        "test_not_for_an_executor_who_lost_the_role",
        "actions/advance.py",
        "        check_executor(stands, word.person, self.at)\n",
        "",
    ),
)
_PEOPLE = rows_of(
    "test_people_keys_and_policies.py",
    (
        "test_a_looser_policy_still_falls_under_the_one_in_force",
        "core/policy.py",
        "    return in_force, Policy(tuple(named))",
        "    return (Policy(tuple(named)),)",
    ),
    (
        "test_a_policy_that_nobody_can_meet_is_not_saved",
        "types/policy_change.py",
        "    found = unmet(policy.rules, staff)\n",
        "    found = unmet((), staff)\n",
    ),
    (
        "test_a_place_in_a_group_of_the_platform_is_no_tenants_to_give",
        "types/role_change.py",
        'if body["group"] is None or ',
        'if body["group"] != "" or ',
    ),
    (
        "test_the_last_people_whom_a_rule_needs_stay",
        "types/role_change.py",
        "        check_still_met(without(staff, body), staff)",
        "        check_still_met(staff, staff)",
    ),
)
_FOUND = rows_of(
    "test_a_deployment_is_founded.py",
    (
        "test_two_people_found_it_and_everything_stands_in_the_genesis",
        "actions/found.py",
        "        if len(signed) < stands.rule.people:",
        "        if len(signed) < 1:",
    ),
)
_REPLAY = rows_of(
    "test_the_record_explains_the_database.py",
    (
        "test_a_change_whose_row_was_moved_is_found",
        "selectors/replaying.py",
        "        if rows.get(change) != replay.states.get(change):",
        "        if change == '':",
    ),
)
_ROTATE = rows_of(
    "test_a_key_is_replaced.py",
    (
        "test_without_the_old_keys_word_nothing_is_replaced",
        "actions/execute.py",
        "    check_handed_over(stands)\n",
        "",
    ),
    (
        "test_nobody_else_hands_it_over_and_no_other_key",
        "selectors/handing_over.py",
        "    return person in stands.subject.concerned and of_use",
        "    return person in stands.subject.concerned",
    ),
    (
        "test_an_edit_voids_the_old_keys_word_with_every_other",
        "selectors/handing_over.py",
        "Verb.ROTATE_KEY or word.revision != stands.row.revision:",
        "Verb.ROTATE_KEY:",
    ),
)
_APART = rows_of(
    "test_who_may_not_approve_together.py",
    (
        "test_the_second_of_a_unit_is_refused_and_another_unit_completes_it",
        "actions/approve.py",
        "        if spoken in (unheard := dict(judged.quorum.refused)):",
        "        if spoken in (unheard := {}):",
    ),
)
_SENSE = rows_of(
    "test_people_keys_and_policies.py",
    ("test_a_cap_that_would_bind_nothing_is_not_saved", "selectors/binding.py", "    check_caps_bind(policy)\n", ""),
    (
        "test_a_policy_that_makes_it_harder_to_take_power_away_than_to_give_it_is_not_saved",
        "core/monotone.py",
        "        if more := _more(",
        "        if more := None and _more(",
    ),
)
_LOGS = rows_of(
    "test_control_leaves_are_explained.py",
    (
        "test_retention_that_names_no_decision_is_found",
        "selectors/explaining_logs.py",
        "<= self.founded or _is_free(one, held)",
        "<= self.founded or one is not None",
    ),
    (
        "test_a_decision_that_never_took_effect_is_found",
        "selectors/explaining_logs.py",
        "        if effect is None:",
        "        if effect == {}:",
    ),
    (
        "test_a_decision_about_another_log_explains_nothing",
        "selectors/explaining_logs.py",
        ' and str(effect["subject"]).startswith(f"stream:{origin}/")',
        "",
    ),
    (
        "test_what_a_change_decided_is_explained_and_a_leaf_that_says_something_else_is_not",
        "selectors/explaining_logs.py",
        "if is_of and _says(one, effect) else",
        "if is_of else",
    ),
)
_PRACTICE = rows_of(
    "test_practice.py",
    (
        "test_whoever_said_nothing_twice_in_a_row_is_flagged",
        "selectors/liveness.py",
        "        spoke |= {*text.said}\n",
        "",
    ),
    (
        "test_who_could_not_have_signed_is_not_counted_silent",
        "selectors/liveness.py",
        "group in places and since <= begun for",
        "group in places for",
    ),
    (
        "test_a_key_that_nobody_used_for_90_days_is_flagged",
        "selectors/liveness.py",
        " and used.get(one.kid, 0) <= border.timestamp()",
        "",
    ),
)
ROWS_OF_THE_ENGINE = [
    *_WORDS, *_STOPS, *_COOLS, *_CAPS, *_FLOW, *_CONTAIN, *_EMERGENCY, *_BACK, *_EARLY, *_PEOPLE, *_FOUND, *_REPLAY,
    *_ROTATE, *_APART, *_SENSE, *_LOGS, *_PRACTICE,
]  # fmt: skip
