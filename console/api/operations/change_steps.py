"""Steps of a change: unsigned ones, statements to sign, signed words; and the policy in force."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.http import HttpResponse

from console.api import represent_change as represent
from console.api.body import json_and_bytes, json_object, member_bytes, refused
from console.api.call import Call
from console.api.documented import BODY, UNSAFE, documented, text_in_query
from console.api.operation import Operation, answer, problem_of
from console.api.operations.changes import CHANGE, moment_of, readable, seen, shown
from console.api.parameters import choice, short_text
from console.api.people import fresh_in_session
from console.api.problems import ProblemError
from console.api.shapes import INDEX, closed, listed, maybe, ref
from console.presence import require_presence
from console.signing_page import client
from governance.change.actions.ask import ask_to_sign
from governance.change.actions.comment import comment_on
from governance.change.actions.hold import hold_change, release_change
from governance.change.actions.incident import note_incident
from governance.change.actions.issue import issue_statement
from governance.change.actions.rebase import rebase_change
from governance.change.actions.submit import submit_change
from governance.change.actions.take_word import take_word
from governance.change.actions.withdraw import withdraw_change
from governance.change.core.verbs import Verb
from governance.change.selectors.policies import policies
from ledger.errors import RequestError

_VERBS = tuple(one.value for one in Verb)
_REVISION: dict[str, Any] = {"revision": INDEX}
_TEXT: dict[str, Any] = {"text": {"type": "string", "minLength": 1, "maxLength": 4_000}}
_REASON: dict[str, Any] = {"reason": {"type": "string", "minLength": 1, "maxLength": 500}}
_PERSON: dict[str, Any] = {"person": {"type": "string", "pattern": "^person:[0-9a-f-]{36}$"}}
_ENTRY: dict[str, Any] = {**_TEXT, "closes": {"type": "boolean"}}
_MOVES = (
    *UNSAFE, "step_up", "not_found", "token_cannot_decide", "change_state", "change_revision", "effect_refused",
    "rule_missing", "not_founded", "policy_unsatisfiable", "group_missing", "already_said", "change_body_malformed",
    "too_many_open", "rejected_recently", "cap_exceeded", "cap_unbound", "policy_upside_down", "critical_online",
    "emergency_refused",
    "already_founded", "preflight_failed", "target_busy", "target_unreadable",
)  # fmt: skip
_SAYS = (
    *_MOVES, *BODY, "parameter_invalid", "word_malformed", "word_signature_wrong", "statement_malformed",
    "statement_differs", "statement_head", "statement_nonce", "key_not_valid",
    "sod_author", "sod_contributor", "sod_concerned", "sod_approver", "sod_unit", "person_cools_down",
    "old_key_missing",
    "native_malformed", "native_missing", "native_differs", "native_key_missing", "native_not_in_advance",
    "nothing_to_revoke", "quorum_missing", "time_locked", "change_expired", "change_stale", "frozen", "no_way_back",
)  # fmt: skip
_WORD: dict[str, Any] = {
    "envelope": dict,
    "assertion": (dict, type(None)),
    "advance": bool,
    "native": (dict, type(None)),
}
MOST_ENVELOPE = 192 * 1024


class _Step(Operation):
    """A step that nobody signs: its fields, and what takes it."""

    is_deed = True
    fields: ClassVar[dict[str, type]] = {}

    def taken(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """Do it, and show the change as it is then."""
        seen(call, str(change_id))
        fresh_in_session(call)
        given = json_object(call.request, self.fields) if self.fields else {}
        for name in self.fields:
            if name not in given:
                raise refused(f"$.{name}", "This field is needed.")
        self.take(call, str(change_id), given)
        return shown(call, str(change_id))

    def take(self, call: Call, change_id: str, given: dict[str, Any]) -> None:
        """Call the action."""
        raise NotImplementedError


def _documented(name: str, words: str, shape: dict[str, Any] | None) -> Any:
    """The part of the document that all steps share."""
    return documented(
        f"{name}_change",
        words,
        request={"application/json": closed(shape)} if shape else None,
        answers={200: ref("Change")},
        parameters=[CHANGE],
        problems=[*_MOVES, *(BODY if shape else ()), *(["parameter_invalid"] if shape else [])],
        tag="changes",
    )


class SubmitChange(_Step):
    """`changes/{id}/submit/`"""

    fields: ClassVar[dict[str, type]] = {"revision": int}

    @_documented("submit", "Put a draft into review", _REVISION)  # type: ignore[untyped-decorator]  # made above
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """People can sign from then on."""
        return self.taken(call, change_id)

    def take(self, call: Call, change_id: str, given: dict[str, Any]) -> None:
        """Submit."""
        submit_change(change_id, revision=given["revision"], by=call.who, at=moment_of(call))


class RebaseChange(_Step):
    """`changes/{id}/rebase/`"""

    fields: ClassVar[dict[str, type]] = {"revision": int}

    @_documented("rebase", "Start a stale change from what is there now", _REVISION)  # type: ignore[untyped-decorator]  # made above
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """A new revision, without signatures."""
        return self.taken(call, change_id)

    def take(self, call: Call, change_id: str, given: dict[str, Any]) -> None:
        """Rebase."""
        rebase_change(change_id, revision=given["revision"], by=call.who, at=moment_of(call))


class WithdrawChange(_Step):
    """`changes/{id}/withdraw/`"""

    @_documented("withdraw", "Withdraw a change of one's own", None)  # type: ignore[untyped-decorator]  # made above
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """It ends."""
        return self.taken(call, change_id)

    def take(self, call: Call, change_id: str, given: dict[str, Any]) -> None:  # noqa: ARG002  (no fields)
        """Withdraw."""
        withdraw_change(change_id, by=call.who, at=moment_of(call))


class HoldChange(_Step):
    """`changes/{id}/hold/`"""

    fields: ClassVar[dict[str, type]] = {"reason": str}

    @_documented("hold", "Hold a change until it is released", _REASON)  # type: ignore[untyped-decorator]  # made above
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """At once."""
        return self.taken(call, change_id)

    def take(self, call: Call, change_id: str, given: dict[str, Any]) -> None:
        """Hold."""
        hold_change(change_id, given["reason"], by=call.who, at=moment_of(call))


class ReleaseChange(_Step):
    """`changes/{id}/release/`"""

    @_documented("release", "Release a held change: its lock begins anew", None)  # type: ignore[untyped-decorator]  # made above
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """Back into review."""
        return self.taken(call, change_id)

    def take(self, call: Call, change_id: str, given: dict[str, Any]) -> None:  # noqa: ARG002  (no fields)
        """Release."""
        release_change(change_id, by=call.who, at=moment_of(call))


class CommentOnChange(_Step):
    """`changes/{id}/comments/`"""

    fields: ClassVar[dict[str, type]] = {"text": str}

    @_documented("comment_on", "Comment on a change", _TEXT)  # type: ignore[untyped-decorator]  # made above
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """It is recorded and stays."""
        return self.taken(call, change_id)

    def take(self, call: Call, change_id: str, given: dict[str, Any]) -> None:
        """Comment."""
        comment_on(change_id, given["text"], by=call.who, at=moment_of(call))


class AskToSign(_Step):
    """`changes/{id}/asks/`"""

    fields: ClassVar[dict[str, type]] = {"person": str}

    @_documented("ask_to_sign", "Ask somebody who can fill an open place now", _PERSON)  # type: ignore[untyped-decorator]  # made above
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """They are told, also by mail; nothing is approved by the link."""
        return self.taken(call, change_id)

    def take(self, call: Call, change_id: str, given: dict[str, Any]) -> None:
        """Ask."""
        ask_to_sign(change_id, given["person"], by=call.who, at=moment_of(call))


class NoteIncident(_Step):
    """`changes/{id}/incident/`"""

    fields: ClassVar[dict[str, type]] = {"text": str, "closes": bool}

    @_documented("note_incident_of", "Add to the timeline of the incident of an emergency, or close it", _ENTRY)  # type: ignore[untyped-decorator]  # made above
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """Who used the emergency does not close it."""
        return self.taken(call, change_id)

    def take(self, call: Call, change_id: str, given: dict[str, Any]) -> None:
        """One entry."""
        note_incident(change_id, given["text"], by=call.who, at=moment_of(call), closes=given["closes"])


class ShowStatement(Operation):
    """`changes/{id}/statement/`"""

    @documented(
        "show_statement",
        "The statement to sign: the very bytes, with a nonce that is answered once",
        answers={200: ref("Statement")},
        parameters=[
            CHANGE,
            text_in_query("verb", {"enum": [*_VERBS]}, "What is to be said."),
            text_in_query("key", {"pattern": "^[0-9a-f]{32}$"}, "Id of the key that will sign."),
        ],
        problems=["not_found", "parameter_invalid", "token_cannot_decide", "key_not_valid", "statement_head",
                  "not_founded", "too_many_statements", "native_key_missing", "native_differs", "effect_refused"],
        tag="changes",
    )  # fmt: skip
    def get(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """For a person in a session."""
        view = seen(call, str(change_id))
        verb, kid = choice(call.request, "verb", *_VERBS), short_text(call.request, "key", 64)
        if verb is None or kid is None:
            raise ProblemError("parameter_invalid", "Both verb and key are needed.", path="?verb")
        issued = issue_statement(str(change_id), Verb(verb), kid, by=call.who, at=moment_of(call), client=client())
        policy = next((one for one in policies() if one.digest == view.current.policy), None)
        return answer(represent.statement(issued, policy))


class TakeDecision(Operation):
    """`changes/{id}/decisions/`"""

    is_deed = True

    @documented(
        "decide",
        "Hand in a signed word: approve, reject, revoke-approval, veto, execute, revert …",
        request={
            "application/json": closed(
                {"envelope": closed({"payload": {"type": "string"}, "payloadType": {"type": "string"},
                                     "signatures": listed({"type": "object"}, minItems=1, maxItems=1)})},
                assertion=maybe({"type": "object"}),
                advance={"type": "boolean"},
                native=maybe({"type": "object"}),
            )
        },
        answers={200: ref("Change")},
        parameters=[CHANGE],
        problems=_SAYS,
        tag="changes",
    )  # fmt: skip
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """Verified in full before it counts; a token is refused."""
        seen(call, str(change_id))
        given, sent = _word_in(call)
        require_presence(call.request, call.who, call.now)
        raw = member_bytes(sent, "envelope")  # kept as it was signed and sent, like a file handed in on a page
        advance, assertion = bool(given.get("advance")), given.get("assertion")
        take_word(
            str(change_id), raw, by=call.who, at=moment_of(call), assertion=assertion, advance=advance,
            native=given.get("native"),
        )  # fmt: skip
        return shown(call, str(change_id))


def _word_in(call: Call) -> tuple[dict[str, Any], bytes]:
    """The body of a decision; one that is none is a denial as well: nobody sends it by a slip of the pen."""
    try:
        given, sent = json_and_bytes(call.request, _WORD, MOST_ENVELOPE)
        if "envelope" not in given:
            raise refused("$.envelope", "This field is needed.")
    except (RequestError, ProblemError) as error:
        problem = problem_of(error)
        problem.denial = "word_unread"
        raise problem from error
    return given, sent


class ShowPolicies(Operation):
    """`policies/`"""

    @documented(
        "list_policies",
        "All versions of the policy of governed change, the newest first",
        answers={200: closed({"items": listed(ref("GovernancePolicy"))})},
        tag="changes",
    )
    def get(self, call: Call) -> HttpResponse:
        """The newest is in force."""
        readable(call)
        return answer({"items": [represent.policy(one) for one in policies()]})
