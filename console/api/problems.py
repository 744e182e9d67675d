"""Every problem the API answers with: code, status, title and next step, in one table (RFC 9457).

Documentation, schema and tests read `PROBLEMS`; a code that is not here cannot be sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.http import HttpResponse

from console.api.encoding import dump
from console.api.problem import Problem
from console.api.problems_change import ROWS as CHANGE_ROWS

MEDIA_TYPE = "application/problem+json"
_STOPPED = "Look at the stream's page; a platform operator has to find out why before anything is appended."
_SAME_IDS = "Send the request again with the same ids: what was kept is answered with its receipt."
_INPUT = "Correct the request at the path that is named; nothing of it was kept."
_TOKEN, _KEY, _TYPE, _HOST = (
    f"$.headers['{name}']" for name in ("authorization", "idempotency-key", "content-type", "host")
)
_LENGTH, _TRANSFER = "$.headers['content-length']", "$.headers['transfer-encoding']"


_ROWS = (
    Problem("request_malformed", 400, "The request cannot be read", "Send a well-formed HTTP request."),
    Problem("body_truncated", 400, "The body is shorter than announced", "Send the body again, whole."),
    Problem(
        "length_ambiguous",
        400,
        "The request gives its length twice",
        "Send Content-Length alone, without Transfer-Encoding.",
        _TRANSFER,
    ),
    Problem("host_unknown", 400, "The host is not answered here", "Use the address you were given.", _HOST),
    Problem(
        "credentials_missing",
        401,
        "Credentials are needed",
        "Send a system key as a bearer token, or sign in.",
        _TOKEN,
    ),
    Problem(
        "credentials_invalid",
        401,
        "The credentials open nothing",
        "Ask for a new key; this one is wrong or ended.",
        _TOKEN,
    ),
    Problem(
        "second_factor_missing",
        401,
        "The session lacks its second factor",
        "Finish signing in with the code.",
    ),
    Problem("role_missing", 403, "No right to do this", "Ask an administrator of the tenant for the role."),
    Problem("scope_missing", 403, "The key lacks the scope", "Use a key with the scope that the detail names."),
    Problem("token_cannot_write", 403, "Personal tokens only read", "Use a system key, or do it signed in."),
    Problem("csrf_failed", 403, "The request did not come from our pages", "Reload the page and try again."),
    Problem("tenant_suspended", 403, "The tenant is suspended", "Ask the platform operator for the reason."),
    Problem("step_up", 403, "A fresh second factor is needed", "Give your second factor again, for exactly this."),
    Problem(
        "decision_needed",
        403,
        "This takes an approved change",
        "Propose a change of the type that the detail names, and have it approved and executed.",
    ),
    Problem("not_found", 404, "There is nothing here", "Check the address, and the namespace of your key."),
    Problem(
        "proof_pending",
        404,
        "No checkpoint covers the leaf yet",
        "Ask again after Retry-After: the window closes by then. Or close it now (seal).",
    ),
    Problem("method_not_allowed", 405, "This address does not take the method", "Use a method that Allow names."),
    Problem("body_timeout", 408, "The body came too slowly", "Send it again, faster or in smaller batches."),
    Problem("identity_refused", 409, "Refused", "Read the detail."),
    Problem("name_taken", 409, "The name is taken", "Choose another name."),
    Problem("role_excluded", 409, "Separation of duties forbids it", "Give one of the two roles to somebody else."),
    Problem("key_taken", 409, "The key was registered before", "Generate a new key; none is ever registered twice."),
    Problem("key_state", 409, "The key is in another state", "Load the page again: somebody else has moved it on."),
    Problem("cooling_down", 409, "A recovery was used a short time ago", "Wait until the time that the detail names."),
    Problem(
        "policy_unsatisfiable",
        409,
        "A policy would become unsatisfiable",
        "Enrol somebody else first, or change the policy that the detail names.",
    ),
    Problem(
        "passkey_model",
        409,
        "Passkeys of this model are not taken",
        "Use an authenticator of a model that your platform operator names.",
    ),
    Problem("last_factor", 409, "It is the last second factor", "Enrol another factor first."),
    Problem("stream_exists", 409, "The stream exists", "Use it, or choose another name; names are never reused."),
    Problem("idempotency_conflict", 409, "The idempotency key was used for another request", "Take a fresh key.", _KEY),
    Problem("event_conflict", 409, "The event's id was used for other content", "Give the event an id of its own."),
    Problem("job_conflict", 409, "The job is in another state", "Look at the job."),
    Problem("bundle_not_ready", 409, "The bundle is not ready", "Wait for its job to be done."),
    Problem("held", 409, "A hold covers this content", "Leave the held events out, or have the hold released."),
    Problem("gone", 410, "It is no more", "Make a new one."),
    Problem("ticket_invalid", 410, "The link opens nothing", "Ask whoever invited you for a new link."),
    Problem("payload_erased", 410, "The content was erased", "The proof of the leaf still holds; ask its owner."),
    Problem(
        "length_required",
        411,
        "The length of the body is not announced",
        "Send the body with Content-Length, not in chunks.",
        _LENGTH,
    ),
    Problem("body_too_large", 413, "The request is too large", "Send at most 10,000 events and 32 MiB at once."),
    Problem("batch_too_large", 413, "Too many events in one request", "Send at most 10,000 events at once."),
    Problem(
        "type_unsupported", 415, "The content type is not taken here", "Send one of the types that are named.", _TYPE
    ),
    Problem(
        "encoding_unsupported",
        415,
        "The content encoding is not taken here",
        "Send the bytes as they are, without Content-Encoding.",
        "$.headers['content-encoding']",
    ),
    Problem("reliance_unchanged", 409, "Nothing to pause or resume", "Look at the pauses, and name another range."),
    Problem("stream_frozen", 409, "The stream is frozen", "Wait until a change thaws it, then send the request again."),
    Problem("stream_closed", 409, "Another log continues this one", "Send the events to the stream that is named."),
    Problem("weak_key", 422, "The key is refused", "Give an Ed25519 key made by a current library.", "$.recovery_key"),
    Problem("refused", 422, "Refused", _INPUT),
    Problem("malformed", 422, "The input is malformed", _INPUT),
    Problem("json_invalid", 422, "Not I-JSON", _INPUT),
    Problem("not_canonical", 422, "Not in canonical form", _INPUT),
    Problem("event_invalid", 422, "An event is refused", _INPUT),
    Problem("profile_refused", 422, "An event does not fit its profile", _INPUT),
    Problem("batch_empty", 422, "There is no event in the request", "Send at least one event."),
    Problem(
        "leaf_too_large",
        422,
        "The event's leaf is too large",
        "Shorten the type; content belongs in the payload.",
    ),
    Problem("leaf_schema", 422, "A leaf is refused", _INPUT),
    Problem(
        "idempotency_key_invalid",
        422,
        "The idempotency key is refused",
        "Use 1 to 255 printable ASCII characters.",
        _KEY,
    ),
    Problem("parameter_invalid", 422, "A parameter is refused", "Correct the parameter that the path names."),
    Problem("key_malformed", 422, "The key or its proof is refused", "Generate a new key on the signing page."),
    Problem("name_invalid", 422, "The name is refused", "Use 1 to 63 lower-case letters, digits and hyphens."),
    Problem("policy_invalid", 422, "The trust policy is refused", "Give a policy in the form of C2SP tlog-policy."),
    Problem("trust_invalid", 422, "trust.json is refused", "Correct the named field, or leave trust.json out."),
    Problem("input_unreadable", 422, "The evidence cannot be read", "Send a bundle, a receipt or a proof."),
    Problem(
        "range_invalid",
        422,
        "The range is refused",
        "Name a range of leaves that the newest checkpoint covers.",
    ),
    Problem(
        "reason_refused", 422, "The reason is refused", "Give one of 1 to 500 characters, without names of persons."
    ),
    Problem("case_refused", 422, "The case is refused", "Give 1 to 256 bytes, without names of persons."),
    Problem("rate_limited", 429, "Too many requests", "Wait as long as Retry-After says."),
    Problem("internal_error", 500, "Something failed here", "Try again; if it stays, tell us the request id."),
    Problem(
        "payload_digest_mismatch",
        500,
        "The stored content is not what the leaf commits to",
        "Do not rely on this content. Keep it as it is; a platform operator runs ledger_verify in full mode.",
    ),
    Problem("busy", 503, "Too many bodies are arriving at once", "Wait as long as Retry-After says."),
    Problem("stopped", 503, "The stream is stopped", _STOPPED),
    Problem("stream_stopped", 503, "The stream is stopped", _STOPPED),
    Problem("clock", 503, "The clock cannot be trusted", "Nothing was kept; a platform operator looks at the clock."),
    Problem("key_unusable", 503, "A signing key cannot be used", "A platform operator has to look at the keys."),
    Problem("signer_paused", 503, "The signer is paused", "Send the call again later; what was kept gets its receipt."),
    Problem("integrity", 503, "The integrity of the stream is in doubt", _STOPPED),
    Problem(
        "head_guard_unreachable",
        503,
        "The head guard does not answer",
        "Send the call again later; events that were committed are kept, and a retry returns their receipts.",
    ),
    Problem("head_guard_behind", 503, "The head guard lost writes", "Send the call again later; nothing was kept."),
    Problem("head_guard_ahead", 503, "The database lacks what was promised", _STOPPED),
    Problem("head_guard_conflict", 503, "Two histories exist", _STOPPED),
    Problem("head_guard_missing", 503, "The head guard is not there", _STOPPED),
    Problem("head_guard_corrupt", 503, "The head guard cannot be read", _STOPPED),
    Problem("database_unavailable", 503, "The database is away", "Try again with the same ids: nothing is kept twice."),
    Problem("append_timeout", 503, "The events were not committed in time", _SAME_IDS),
    Problem("commit_unknown", 503, "Nobody knows whether the events were kept", _SAME_IDS),
    Problem("storage_full", 507, "The storage is full", "Nothing was kept; a platform operator has to make room."),
)

GUARD = tuple(row.code for row in _ROWS if row.code.startswith("head_guard_"))
"""What whoever appends, seals, creates or asks for a fresh receipt may be refused with by the head guard."""
PROBLEMS: dict[str, Problem] = {row.code: row for row in (*_ROWS, *CHANGE_ROWS)}


@dataclass
class ProblemError(Exception):
    """Ends an operation with a problem. `detail` says what, `next_step` and `path` make it precise.

    `denial` is the reason recorded beside the code, where it says more than the caller may learn.
    """

    code: str
    detail: str = ""
    next_step: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    denial: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.code, self.detail)


def response_of(error: ProblemError, request_id: str) -> HttpResponse:
    """The HTTP answer to a problem."""
    row = PROBLEMS[error.code]
    body = {
        "type": f"urn:countersign:problem:{row.code}",
        "title": row.title,
        "status": row.status,
        "detail": error.detail or f"{row.title}.",
        "code": row.code,
        "request_id": request_id,
        "next": error.next_step or row.next,
        "path": error.path or row.path,
    }
    headers = {"Cache-Control": "no-store", **error.headers}
    return HttpResponse(dump(body), status=row.status, content_type=MEDIA_TYPE, headers=headers)


def statuses_of(codes: Iterable[str]) -> dict[int, list[Problem]]:
    """The rows of `codes`, by status: what an operation documents."""
    found: dict[int, list[Problem]] = {}
    for code in codes:
        found.setdefault(PROBLEMS[code].status, []).append(PROBLEMS[code])
    return dict(sorted(found.items()))
