"""The one door for signed words: what an envelope says decides which step it is."""

from __future__ import annotations

from governance.change.actions.advance import SignInAdvance
from governance.change.actions.approve import Approve
from governance.change.actions.base import denied
from governance.change.actions.contain import FreezeNow, RevokeKeyNow
from governance.change.actions.emergency import AcknowledgeEmergency, DeclareEmergency
from governance.change.actions.execute import Execute
from governance.change.actions.found import Found
from governance.change.actions.hand_over import HandOver
from governance.change.actions.hearing import received
from governance.change.actions.reject import Reject
from governance.change.actions.revert import Revert
from governance.change.actions.revoke_approval import RevokeApproval
from governance.change.actions.saying import Say
from governance.change.actions.submit_signed import SubmitSigned
from governance.change.actions.veto import Veto
from governance.change.core.verbs import Verb, verb_of
from governance.change.errors import EnvelopeRefused
from governance.change.models import Change
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from ledger.core.types import JSONObject

_STEPS: dict[Verb, type[Say]] = {
    one.verb: one
    for one in (
        Approve, Reject, RevokeApproval, Veto, Execute, Revert, FreezeNow, RevokeKeyNow, DeclareEmergency,
        AcknowledgeEmergency, Found, SubmitSigned, HandOver,
    )
}  # fmt: skip


def take_word(
    change_id: str, envelope: bytes, *, by: Principal, at: Moment, assertion: JSONObject | None = None,
    advance: bool = False, native: JSONObject | None = None,
) -> Change:  # fmt: skip
    """Hear a signed word over a change and do what it says; `envelope` are the DSSE JSON bytes as received, `assertion`
    the proof of presence that came with them, `native` the native signatures of the same gesture. `advance` keeps an
    execution for when the change is ready.

    Returns the change afterwards. Raises the refusal that applies; every one has a code, a reason and a next step,
    leaves no effect, and is recorded in `_system/events`.
    """
    try:
        given = received(envelope)
        verb = verb_of(given.payload_type)
        if verb is None or verb not in _STEPS:
            raise EnvelopeRefused("This says nothing over a change", why=ascii(given.payload_type[:120]))
    except EnvelopeRefused as error:
        denied(error, by, "word", change_id)
        raise
    kind = SignInAdvance if advance and verb is Verb.EXECUTE else _STEPS[verb]
    return kind(change_id=change_id, given=given, assertion=assertion, native=native, by=by, at=at).run()
