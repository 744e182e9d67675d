"""What governed change refuses. Every refusal is a RequestError: it has a stable code and no effect."""

from __future__ import annotations

from ledger.errors import RequestError


class ChangeRefused(RequestError):
    """Base of the refusals of this package."""

    code = "change_refused"


class PolicyMalformed(ChangeRefused):
    """Not a policy; `path` names the field."""

    code = "governance_policy_malformed"
    default_next = "Correct the field that the path names; docs/governance.md has the form."


class RuleMissing(ChangeRefused):
    """No rule of the policy covers the change: what no rule allows is denied."""

    code = "rule_missing"
    default_next = "Propose a policy change that gives this type a rule."


class StatementMalformed(ChangeRefused):
    """Not a statement that may be signed; `path` names the field."""

    code = "statement_malformed"
    default_next = "Ask for the statement again, and sign exactly its bytes."


class TransitionRefused(ChangeRefused):
    """The change is in a state that does not allow this step."""

    code = "change_state"
    default_next = "Load the change again: somebody else has moved it on."
