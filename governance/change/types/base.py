"""What a kind of change is: a closed body, the one document it changes, and how.

Guarantees that page, API, command, execution and offline verifier take effect, direction and way back from the same
pure functions. Governed state is `{subject: document}`: whoever replays `_governance/changes` compares each document
with `base()`. `base(lock=True)` locks every row that `apply` will write, because the head of `_governance/changes`
is locked after it and nothing may be waited for behind that. Follows the governance reference, sections 4 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol, runtime_checkable

from governance.change.core.native import NativeMade
from governance.change.core.policy import Direction
from governance.change.core.satisfiable import Staff
from governance.change.errors import EffectRefused
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from ledger.core.fields import Schema
from ledger.core.types import JSONObject
from ledger.services.governed import carrying_out

__all__ = [
    "Applying",
    "ChangeType",
    "Composed",
    "Direction",
    "EffectRefused",
    "Finding",
    "FindingState",
    "Possible",
    "carry_out",
    "check_gate",
]


class FindingState(StrEnum):
    """How a preflight check came out."""

    PASS = "pass"  # noqa: S105  (no password)
    FAIL = "fail"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True, slots=True)
class Finding:
    """One preflight check: a stable `code`, what was found in `words`, and what to do `next` ('' where nothing)."""

    code: str
    state: FindingState
    words: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Applying:
    """What an effect is applied with: the change's public id as `decision`, who carries it out, and when; `person` is
    whose signed word it is, where a machine carries out what was signed in advance; `native` the verified native
    signatures of author and executor, in the order of the body's list.
    """

    decision: str
    by: Principal
    at: Moment
    person: str = ""
    native: tuple[NativeMade, ...] = ()

    @property
    def whose(self) -> str:
        """Whose word it is."""
        return self.person or self.by.actor


class ChangeType(Protocol):
    """One kind of change; an instance has no state."""

    name: str
    words: str
    schema: Schema
    numbers: ClassVar[frozenset[str]]
    """The fields of its document that hold whole numbers: what a cap can bound."""

    def subject(self, body: JSONObject) -> str:
        """The key of the one governed document that it changes, such as `tenant:<uuid>/state`."""

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """That document now, from the rows; `lock` takes FOR UPDATE. Raises EffectRefused where there is none."""

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The document afterwards. Pure; raises EffectRefused."""

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Whether it gives or takes power. Pure."""

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What stops being valid with it, each in words."""

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """What can be checked before anybody signs."""

    def concerned(self, body: JSONObject) -> frozenset[str]:
        """People (`person:<uuid>`) whose own roles, keys or places it changes."""

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """`{"type", "body"}` of the declared revert; None where there is no way back."""

    def tenant(self, body: JSONObject) -> str | None:
        """The tenant's public id whose change it is; None for the platform."""

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Write the rows, by actions of identity or services of the ledger with `context.decision`."""


@runtime_checkable
class Possible(Protocol):
    """A kind that may be impossible with the people there are."""

    def check(self, body: JSONObject, staff: Staff) -> None:
        """Raise PolicyUnsatisfiable where it would leave nobody who can decide."""


@runtime_checkable
class Composed(Protocol):
    """A kind that does what other kinds govern."""

    def does(self, body: JSONObject) -> tuple[str, ...]:
        """The names of those kinds."""


@runtime_checkable
class Gated(Protocol):
    """A kind whose checks must have passed when it is submitted and when it is carried out."""

    def gate(self, base: JSONObject, body: JSONObject, *, back: bool) -> None:
        """Raise PreflightFailed unless every check was carried out and passed; on the way `back`, where one failed."""


def check_gate(kind: ChangeType, base: JSONObject, body: JSONObject, *, back: bool = False) -> None:
    """Raise PreflightFailed where a kind that asks for its checks does not pass them now."""
    if isinstance(kind, Gated):
        kind.gate(base, body, back=back)


def carry_out(kind: ChangeType, base: JSONObject, body: JSONObject, context: Applying) -> None:
    """Apply the effect, all or nothing; only within it the change is a decision for what its kind governs."""
    does = kind.does(body) if isinstance(kind, Composed) else (kind.name,)
    with carrying_out(context.decision, *does):
        kind.apply(base, body, context=context)


class Plain:
    """What most kinds answer where they have nothing to say."""

    numbers: ClassVar[frozenset[str]] = frozenset()

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Nothing stops being valid."""
        return []

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """Nothing to check beside the effect."""
        return []

    def concerned(self, body: JSONObject) -> frozenset[str]:
        """Nobody's own roles, keys or places."""
        return frozenset()

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """There is no way back, and people read that before they sign."""
        return None

    def tenant(self, body: JSONObject) -> str | None:
        """The platform's own business."""
        return None
