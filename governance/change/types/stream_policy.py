"""`stream.policy`: which witnesses a log asks for, and how many of them make its checkpoints quorate."""

from __future__ import annotations

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying, Finding
from governance.change.types.streams import ORIGIN, OfStream, failed, passed, standing, stream_of
from ledger.core.fields import Schema, text
from ledger.core.policy_compare import loosened, same_rule
from ledger.core.types import JSONObject
from ledger.core.witness_policy import Policy, parse_policy
from ledger.errors import LedgerError, PolicyInvalid
from ledger.selectors.health import policy_in_force
from ledger.services.policy_leaf import check_policy, set_policy_within

MOST_BYTES = 7_000
"""A line of a statement's difference holds the whole text."""


class StreamPolicy(OfStream):
    """A C2SP tlog-policy, whole; in force for checkpoints above its leaf."""

    name = "stream.policy"
    words = "Change the witnesses of a log"
    part = "policy"
    schema: Schema = {"stream": ORIGIN, "policy": text(MOST_BYTES)}

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The text in force."""
        found = stream_of(body, lock=lock)
        try:
            return {"policy": policy_in_force(found)}
        except LedgerError as error:
            raise EffectRefused("The policy in force cannot be read", why=str(error), path="$.stream") from error

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The text that is asked for; raises EffectRefused where it is none, or the same."""
        _read(body)
        if body["policy"] == base["policy"]:
            raise EffectRefused("This policy is in force already", path="$.policy")
        return {"policy": body["policy"]}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Letting fewer or other witnesses suffice loosens."""
        old, new = _read(base), _read(result)
        if loosened(old, new):
            return Direction.LOOSENS
        return Direction.NEUTRAL if same_rule(old, new) else Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Who does not count any more."""
        old, new = ({one.vkey.name for one in _read(text).witnesses} for text in (base, body))
        gone = [f"Cosignatures of {name} do not count any more." for name in sorted(old - new)]
        return [*gone, "Readers who hold the former policy see that the log has another one than they do."]

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """Whether the text is a policy of this very log."""
        found = stream_of(body)
        try:
            check_policy(found, str(body["policy"]))
        except LedgerError as error:
            return [standing(found), failed(error.code, str(error), error.next_step)]
        return [standing(found), passed("policy_of_the_log", "The policy names a key of the log in force.")]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The text of before."""
        return {"type": self.name, "body": {"stream": body["stream"], **base}}

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One `policy` leaf."""
        set_policy_within(stream_of(body), str(body["policy"]), decision=context.decision)


def _read(document: JSONObject) -> Policy:
    try:
        return parse_policy(str(document["policy"]).encode())
    except PolicyInvalid as error:
        raise EffectRefused("This is no witness policy", why=str(error), path="$.policy") from error
