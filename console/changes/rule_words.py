"""A rule of the policy as a sentence: who must sign, how long it waits, and who may carry it out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from console import words
from governance.change.core.policy import ExecutorRule

if TYPE_CHECKING:
    from governance.change.core.policy import Need, Rule

_EXECUTORS = {
    ExecutorRule.ANY: "any executor",
    ExecutorRule.NOT_AUTHOR: "an executor who did not write it",
    ExecutorRule.NOT_AUTHOR_NOT_APPROVER: "an executor who neither wrote nor approved it",
}


def rule_sentences(rule: Rule, *, is_final: bool = False) -> list[str]:
    """Everything the rule asks for, in the order in which it happens; of what is final, that nobody can revert it, the
    effect tells.
    """
    told = [_signers(rule)]
    if rule.offline_key:
        told.append("At least one of the signatures is made with a key that no browser page holds.")
    if rule.units_apart:
        told.append("Each of them is of another organisational unit.")
    if rule.lock_s:
        told.append(f"It then waits {_span(rule.lock_s)}.")
    told.append(f"{executor_words(rule)[:1].upper()}{executor_words(rule)[1:]} carries it out.")
    told.append(f"It lapses {_span(rule.life_s)} after it was submitted.")
    if rule.observation_s and not is_final:
        told.append(f"For {_span(rule.observation_s)} afterwards one executor can revert it without waiting.")
    told += [f"At most {words.grouped(cap.amount)} of {cap.field} within {_span(cap.window_s)}." for cap in rule.caps]
    return told


def rule_cells(rule: Rule) -> dict[str, str]:
    """The same in short, for a table."""
    signed = words.listed([need_words(need) for need in rule.needs]) or "nobody"
    return {
        "signed": f"{signed}, one with an offline key" if rule.offline_key else signed,
        "lock": _span(rule.lock_s) if rule.lock_s else "none",
        "executor": executor_words(rule),
        "life": _span(rule.life_s),
        "observed": _span(rule.observation_s) if rule.observation_s else "no",
    }


def executor_words(rule: Rule) -> str:
    """Who may carry it out."""
    return _EXECUTORS[rule.executor]


def need_words(need: Need) -> str:
    """`2 people of ops`."""
    return f"{words.counted(need.count, 'person', 'people')} of {need.group}"


def _signers(rule: Rule) -> str:
    if not rule.needs:
        return "Nobody has to sign it beside its executor."
    listed = words.listed([need_words(need) for need in rule.needs])
    cool = f", with keys older than {_span(rule.cool_down_s)}" if rule.cool_down_s else ""
    return f"{listed} sign it: distinct people who did not write any of it and whom it does not concern{cool}."


def _span(seconds: int) -> str:
    return words.duration(timedelta(seconds=seconds))
