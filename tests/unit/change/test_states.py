"""The states of a change: what ends it ends it, and nothing else moves it."""

from __future__ import annotations

import itertools

import pytest

from governance.change.core.states import LIVE, TABLE, TERMINAL, State, Step, after, steps_from
from governance.change.errors import TransitionRefused


@pytest.mark.parametrize(("state", "step"), [*itertools.product(State, Step)])
def test_only_the_steps_of_the_table_are_taken(state: State, step: Step) -> None:
    if (state, step) in TABLE:
        assert after(state, step) is TABLE[state, step]
    else:
        with pytest.raises(TransitionRefused):
            after(state, step)


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_nothing_leads_out_of_an_end(state: State) -> None:
    assert steps_from(state) == ()


@pytest.mark.parametrize("state", sorted(set(State) - TERMINAL))
def test_every_other_state_can_come_to_an_end(state: State) -> None:
    reached, before = {state}, set[State]()
    while reached != before:
        before = set(reached)
        reached |= {after(one, step) for one in before for step in steps_from(one)}
    assert reached & TERMINAL


@pytest.mark.parametrize("state", sorted(LIVE))
def test_whatever_lives_can_be_vetoed_withdrawn_and_expires(state: State) -> None:
    assert {Step.VETO, Step.WITHDRAW, Step.EXPIRE} <= set(steps_from(state))


def test_only_a_locked_change_is_executed() -> None:
    assert [state for state, step in TABLE if step is Step.EXECUTE] == [State.TIMELOCKED]


def test_an_edit_a_thaw_and_a_rebase_lead_back_into_review() -> None:
    for state, step in ((State.TIMELOCKED, Step.EDIT), (State.HELD, Step.RELEASE), (State.STALE, Step.REBASE)):
        assert after(state, step) is State.IN_REVIEW
