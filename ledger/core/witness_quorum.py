"""Arithmetic of a witness quorum, and its explanation in words.

Guarantees that `met` of the explanation and the decision are one calculation, done in the order of definition
without recursion. Follows C2SP tlog-policy ("Defining a witness group", "Defining the quorum").
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from ledger.core.vkey import VKey


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness under the name that only this policy gives it."""

    name: str
    vkey: VKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """`threshold` of `members` (names of witnesses or of groups defined before) must have witnessed."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuorumReason:
    """One node of the explanation: is it met, and by which of its members."""

    name: str
    kind: Literal["none", "witness", "group"]
    met: bool
    needed: int = 0
    members: tuple[QuorumReason, ...] = ()

    @property
    def have(self) -> tuple[str, ...]:
        """Names of the direct members that are met."""
        return tuple(member.name for member in self.members if member.met)

    def words(self) -> str:
        """Say this node, without its members, in a sentence a page can show."""
        if self.kind == "none":
            return "no witness is needed"
        if self.kind == "witness":
            return f"witness {self.name}: {'has cosigned' if self.met else 'has not cosigned'}"
        have = ", ".join(self.have) or "none"
        return f"group {self.name}: {self.needed} of {len(self.members)} needed, have {have}"


def explain(
    quorum: str | None, witnesses: Sequence[Witness], groups: Sequence[Group], present: Collection[str]
) -> QuorumReason:
    """Explain whether the witnesses named in `present` satisfy `quorum` (None: `quorum none`).

    Names in `present` that are not witnesses count for nothing: a group is never simply present.
    """
    if quorum is None:
        return QuorumReason("none", "none", met=True)
    nodes = {one.name: QuorumReason(shown(one.name), "witness", one.name in present) for one in witnesses}
    for group in groups:
        members = tuple(nodes[name] for name in group.members)
        met = sum(member.met for member in members) >= group.threshold
        nodes[group.name] = QuorumReason(shown(group.name), "group", met, group.threshold, members)
    return nodes[quorum]


def shown(name: str) -> str:
    r"""Return `name` with bytes that are not UTF-8 written as `\xNN`, so that every page can show it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
