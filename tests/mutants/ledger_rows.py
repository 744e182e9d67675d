"""Mutants of the ledger's services that only a database can show to be noticed. Run by test_engine_mutants.py."""

from __future__ import annotations

_AT, _DB = "ledger/services/", "tests/db/ledger/"


def _rows(test_file: str, *changes: tuple[str, str, str, str]) -> list[tuple[str, str, str, str]]:
    """(test, file, old, new) of one file of tests as (file, old, new, test)."""
    return [(_AT + file, old, new, f"{_DB}{test_file}::{test}") for test, file, old, new in changes]


_LIES = _rows(
    "test_refill_refuses_lies.py",
    (
        "test_a_leaf_behind_the_newest_checkpoint_is_the_one_that_was_receipted",
        "refill.py",
        "leaf.leaf_hash != held.leaf_hash",
        "leaf.leaf_hash is None",
    ),
    ("test_a_root_that_is_not_the_guards", "refill.py", "edge.root() != head.root", "edge.root() is None"),
    (
        "test_a_leaf_of_another_place_chain_or_time",
        "refill.py",
        "chained = (leaf.origin, leaf.index, leaf.prev)",
        "chained = (stream.origin, leaf.index, leaf.prev)",
    ),
    (
        "test_a_leaf_of_another_place_chain_or_time",
        "refill.py",
        "(leaf.origin, leaf.index, leaf.prev) ==",
        "(leaf.origin, at, leaf.prev) ==",
    ),
    (
        "test_a_leaf_of_another_place_chain_or_time",
        "refill.py",
        "(leaf.origin, leaf.index, leaf.prev) == (",
        "(leaf.origin, leaf.index, previous) == (",
    ),
    ("test_a_time_that_goes_back_between_two_lost_leaves", "refill.py", "leaf.recorded < recorded and", "not leaf and"),
    (
        "test_a_stream_that_grew_meanwhile_is_not_overwritten",
        "refill.py",
        "(head.size, head.last_hash) != (stream.size, stream.head_hash)",
        "head.size < 0",
    ),
    (
        "test_a_bundle_that_lies_only_the_second_time_it_is_read",
        "refill.py",
        "            _noted(stream, again, edge, leaf)\n",
        "",
    ),
    ("test_a_history_that_ends_before_the_guards", "refill.py", "    if at < end:", "    if at < 0:"),
    (
        "test_a_bundle_that_lies_only_the_second_time_it_is_read",
        "refill.py",
        "            _told(stream, proof)\n            _put(stream, source, proof)\n",
        "            _put(stream, source, proof)\n            _told(stream, proof)\n",
    ),
)
_KINDS = _rows(
    "test_refill_of_every_kind.py",
    (
        "test_all_that_is_derived_from_leaves_is_as_it_was",
        "refill.py",
        "for one in proof.notes if one.size < limit",
        "for one in proof.notes[:0]",
    ),
    (
        "test_nothing_is_signed_anew_while_the_clock_is_wrong",
        "refill.py",
        "            lock_head(cursor, now.id)\n",
        "            pass\n",
    ),
    (
        "test_a_policy_whose_text_was_lost_is_refused",
        "refill_rows.py",
        'leaf.kind == "policy" and',
        'leaf.kind == "" and',
    ),
    (
        "test_a_log_is_not_closed_for_one_that_was_lost_and_is_continued_under_a_name_that_is_free",
        "refill_rows.py",
        'leaf.kind == "closed" and',
        'leaf.kind == "" and',
    ),
    (
        "test_all_that_is_derived_from_leaves_is_as_it_was",
        "refill_rows.py",
        "if leaf.is_control else at",
        "if not leaf else at",
    ),
    (
        "test_all_that_is_derived_from_leaves_is_as_it_was",
        "refill_rows.py",
        "window_from=int(leaf.index),",
        "window_from=0,",
    ),
    (
        "test_what_lies_behind_the_last_window_waits_as_it_did",
        "refill_rows.py",
        "events_open=at.events_open + 1",
        "events_open=1",
    ),
    (
        "test_what_lies_behind_the_last_window_waits_as_it_did",
        "refill_rows.py",
        "waiting_since=at.waiting_since or recorded",
        "waiting_since=recorded",
    ),
    ("test_what_the_leaves_say_is_in_force_again", "refill_rows.py", 'held or leaf.kind == "erasure"', "held"),
    (
        "test_what_the_leaves_say_is_in_force_again",
        "refill_rows.py",
        "rows.update(is_open=False)",
        "rows.update(is_open=True)",
    ),
    (
        "test_a_gap_is_told_once_though_the_search_comes_by_again",
        "refill_rows.py",
        'if leaf.kind == "terms":',
        'if leaf.kind == "":',
    ),
    (
        "test_a_gap_is_told_once_though_the_search_comes_by_again",
        "refill_rows.py",
        "terms_of(leaf), leaf)",
        "terms(self._stream), leaf)",
    ),
    (
        "test_the_search_ends_where_the_refilled_terms_ended_it",
        "terms.py",
        "        rows.delete()\n",
        "        pass\n",
    ),
    (
        "test_the_log_of_heads_enters_no_checkpoint_twice",
        "refill_rows.py",
        "            self._place(leaf)\n",
        "            pass\n",
    ),
    (
        "test_a_log_that_was_closed_is_closed_again_where_its_successor_is_there",
        "refill_rows.py",
        "successor=_successor(leaf))",
        "successor=None)",
    ),
    ("test_a_gap_is_told_once_though_the_search_comes_by_again", "gaps.py", "in told]", "in set()]"),
    (
        "test_a_log_is_not_closed_for_one_that_was_lost_and_is_continued_under_a_name_that_is_free",
        "successors.py",
        "        return not is_remembered(origin)\n",
        "        return True\n",
    ),
    (
        "test_a_log_is_not_closed_for_one_that_was_lost_and_is_continued_under_a_name_that_is_free",
        "streams.py",
        "    if is_remembered(origin_of(namespace, name)):",
        "    if not namespace:",
    ),
)
_CLOCK = [
    (
        "ledger/services/clock.py",
        "            self._reference = read_mark(Path(path))\n",
        "            self._reference = None\n",
        "tests/unit/services/test_clock.py::test_a_process_that_starts_after_a_jump_goes_by_the_mark_of_the_others",
    ),
    (
        "ledger/services/housekeeping.py",
        "    if not clock.is_right(database_clock()):",
        "    if not clock:",
        "tests/db/ledger/test_housekeeping.py::test_nothing_is_tidied_by_a_clock_that_is_wrong",
    ),
    (
        "console/scheduler.py",
        "abs(ahead - before) <= JUMP_S",
        "before > 0",
        "tests/unit/console/test_scheduler.py::test_what_is_due_every_second_is_sent_before_during_and_after",
    ),
    (
        "console/scheduler.py",
        "            entry.last_run_at = entry.default_now()\n",
        "            pass\n",
        "tests/unit/console/test_scheduler.py::test_what_is_due_every_second_is_sent_before_during_and_after",
    ),
]
ROWS_OF_THE_LEDGER = [*_LIES, *_KINDS, *_CLOCK]
