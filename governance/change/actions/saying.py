"""What all signed steps share: the session, the verified word, and the change as it stands with that word."""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from typing import ClassVar

from governance.change.actions.base import ChangeAction, Moved, Place, require_session
from governance.change.actions.hearing import Beside, Heard, Received, heard
from governance.change.core.quorum import Refused, cools_down
from governance.change.core.verbs import Verb
from governance.change.errors import (
    AlreadySaid,
    ChangeRefused,
    ConcernedExcluded,
    ContributorExcluded,
    KeyRefused,
    NotApprover,
    PersonBarred,
    RevisionMoved,
    UnitExcluded,
)
from governance.change.models import Change
from governance.change.selectors.standing import Standing, standing
from ledger.core.strict_base64 import encode
from ledger.core.types import JSONObject

_REFUSALS: dict[Refused, type[ChangeRefused]] = {
    Refused.REVISION: RevisionMoved,
    Refused.UNKNOWN: NotApprover,
    Refused.NOT_LIVE: PersonBarred,
    Refused.BARRED: PersonBarred,
    Refused.CONTRIBUTOR: ContributorExcluded,
    Refused.CONCERNED: ConcernedExcluded,
    Refused.KEY_UNKNOWN: KeyRefused,
    Refused.KEY_DEAD: KeyRefused,
    Refused.KEY_COOLS_DOWN: PersonBarred,
    Refused.KEY_SHARED: KeyRefused,
    Refused.CREDENTIAL_SHARED: KeyRefused,
    Refused.UNIT_SHARED: UnitExcluded,
    Refused.UNIT_UNKNOWN: UnitExcluded,
    Refused.NO_GROUP: NotApprover,
    Refused.REVOKED: AlreadySaid,
    Refused.REPEATED: AlreadySaid,
}


@dataclass(frozen=True, kw_only=True)
class Say(ChangeAction, abc.ABC):
    """A step that one person's signature makes; `assertion` is the proof of presence that came with it, `native`
    what the person's native key signed in the same gesture.
    """

    verb: ClassVar[Verb]

    given: Received = field(repr=False)
    assertion: JSONObject | None = field(default=None, repr=False)
    native: JSONObject | None = field(default=None, repr=False)

    def step(self, row: Change, place: Place) -> Moved:
        """Hear the word, then judge it."""
        require_session(self.by)
        stands = standing(row, index=place.index, now=place.now)
        word = heard(
            row, self.verb, self.given, stands.people.get(self.by.actor), place=place, at=self.at,
            beside=Beside(self.assertion, self.native),
        )  # fmt: skip
        self._check_rested(word, stands)
        return self.said(row, word, stands, place)

    def _check_rested(self, word: Heard, stands: Standing) -> None:
        """Nobody says anything while they are barred, or with a key that cools down; raises PersonBarred."""
        signer, now = stands.people[self.by.actor], stands.now
        reason = cools_down(signer, word.row.kid, stands.rule.cool_down_s, said=now, now=now)
        if reason is not None:
            raise refusal_of(reason, signer.person)

    @abc.abstractmethod
    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """What the verified word does; raise the refusal that applies."""


def refusal_of(reason: Refused, person: str) -> ChangeRefused:
    """The refusal with its stable code, for a word that would not count."""
    return _REFUSALS[reason]("This word would not count", why=f"{person}: {reason.value.replace('_', ' ')}")


def envelope_facts(word: Heard) -> JSONObject:
    """The word as the record keeps it: verbatim."""
    facts: JSONObject = {"envelope": encode(bytes(word.row.envelope)), "assertion": word.row.assertion}
    return facts if word.row.native is None else {**facts, "native": word.row.native}
