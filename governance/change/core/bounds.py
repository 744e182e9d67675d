"""What bounds a decision beside its quorum, by the record alone: freezes, caps, and whose own powers it changes.

Guarantees that a freeze of a tenant stops what its body names for the tenant, also where the change is the platform's;
that who froze is known to the thaw; that an emergency concerns whom the change inside concerns; and that steps add up
as the server adds them. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, cast

from governance.change.core.known import Known
from governance.change.core.limits import over_caps
from governance.change.core.policy import Rule
from governance.change.core.statement import Statement
from ledger.core.types import JSON, JSONObject

SLACK_S: Final = 2
"""Recorded times are those of leaves; the server judged by the second in which it began."""
_INVALID: Final = "decision_invalid"
_PERSONAL: Final = frozenset({"role.grant", "role.revoke", "person.unit", "key.enrol", "key.rotate", "key.revoke"})
_IN_A_TENANT: Final = frozenset({"role.grant", "role.revoke"})


@dataclass
class Bounds(Known):
    """`applied` are effects by change, `spent` those that count for caps with their times, `froze` who froze each
    scope.
    """

    applied: dict[str, JSONObject] = field(default_factory=dict)
    spent: dict[str, tuple[int, JSONObject]] = field(default_factory=dict)
    froze: dict[str, str] = field(default_factory=dict)

    def _note(self, index: int, payload: JSONObject, statement: Statement | None, *, counts: bool) -> None:
        """Keep what later decisions are held against; `counts` for a cap."""
        change = str(payload["change"])
        if statement is not None and payload["type"] == "freeze":
            self.froze[str(payload["subject"])] = signer_of(statement)
        self.applied[change] = payload
        self.spent.pop(change, None)
        if counts:
            self.spent[change] = (self.times[index], payload)

    def _concerned(self, payload: JSONObject) -> frozenset[str]:
        """Whose own powers it changes, also inside an emergency; of a thaw, who froze."""
        kind, body = inner_of(payload)
        if kind == "thaw":
            found = self.froze.get(str(payload["subject"]))
            return frozenset({found}) if found is not None else frozenset()
        return frozenset({f"person:{body['person']}"}) if kind in _PERSONAL else frozenset()

    def _frozen(self, index: int, payload: JSONObject) -> None:
        """Nothing is carried out or undone under a freeze, but the thaw."""
        for scope in ("platform", f"tenant:{self._tenant_of(payload)}"):
            stands = self.documents.get(f"freeze:{scope}", {"frozen": False})["frozen"]
            if stands and payload["type"] != "thaw":
                self._object(_INVALID, index, f"It was carried out while a freeze stood over {scope}")

    def _tenant_of(self, payload: JSONObject) -> JSON:
        """The tenant of a change; of one that is the platform's, the tenant in which its body gives or takes."""
        kind, body = inner_of(payload)
        if payload["tenant"] is not None or kind not in _IN_A_TENANT or body["tenant"] is None:
            return payload["tenant"]
        home = body["group"] is None or self.homes.get(str(body["group"])) == body["tenant"]
        return body["tenant"] if home else None

    def _caps(self, index: int, rule: Rule, payload: JSONObject, *, takes_back: str = "") -> None:
        """What small steps add up to; the step of `takes_back` is not held against its way back."""
        spent = [one for change, one in self.spent.items() if change != takes_back]
        for words in over_caps(rule, payload, spent, self.times[index] + SLACK_S):
            self._object(_INVALID, index, f"The steps add up to too much: {words}")

    def _object(self, code: str, index: int, words: str, *, certain: bool = False) -> None:
        raise NotImplementedError  # the judge's own


def inner_of(payload: JSONObject) -> tuple[str, JSONObject]:
    """Kind and body of what is done: of an emergency those of the change inside."""
    kind, body = str(payload["type"]), cast("JSONObject", payload["body"])
    if kind != "emergency.apply":
        return kind, body
    return str(body["type"]), cast("JSONObject", body["body"])


def signer_of(statement: Statement) -> str:
    """Who signed."""
    return str(cast("JSONObject", statement.fields["signer"])["person"])
