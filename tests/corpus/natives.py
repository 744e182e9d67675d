"""Native signatures in the record: bytes of EvidenceOS that author and executor signed beside their words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from governance.change.core.native import declared, full_form, read_artefact
from governance.change.core.native_forms import EPOCH, NULLSPEC
from governance.change.core.verbs import Verb
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.nullspec import Contract, Dirichlet, DiscreteBuckets
from ledger.core.keys import kid_of
from ledger.core.strict_base64 import encode
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Mutation
from tests.corpus.decisions import case, export
from tests.corpus.governed import IDS, ORIGIN, TENANT, Change, Record, founded, key_json, key_of, kid, proposal
from tests.corpus.keys import ATTACKER, Key

MUTATIONS: list[Mutation] = []
OWN = {name: Key(f"native key of {name}") for name in ("ann", "eva")}


def native_kid(name: str) -> str:
    return kid_of("native", ORIGIN, OWN[name].public)


def keys(name: str) -> list[JSON]:
    """Author and executor hold a native key beside their decision key."""
    if name not in OWN:
        return [key_json(name)]
    public = OWN[name].public.hex()
    return [key_json(name), {"custody": "offline", "kid": native_kid(name), "public": public, "use": "native"}]


def contract(handle: str = "h") -> bytes:
    buckets, mixture = DiscreteBuckets((0.5, 0.5)), Dirichlet((1.0, 1.0))
    return Contract("o", b"r" * 32, handle, 10, 2**64 - 1, buckets, mixture, None, "ann-native").signing_payload()


def epoch(to: int = 2**53 + 1, at: int = 1_795_000_000) -> bytes:
    return EpochControl(to, at, "eva-native").payload()


LISTED: list[JSON] = [declared(NULLSPEC, "author", contract()), declared(EPOCH, "executor", epoch())]
BODY: JSONObject = {"tenant": TENANT, "state": "suspended", "native": LISTED}


def row(kind: str, payload: bytes, key: Key, **changed: JSON) -> JSONObject:
    """One artefact as it came beside a word."""
    signature = key.sign(read_artefact(kind, payload).to_sign)
    detached = encode(key.sign(full_form(payload, signature))) if kind == NULLSPEC else None
    told: JSONObject = {
        "kind": kind, "payload": encode(payload), "signature": encode(signature), "detached": detached
    }  # fmt: skip
    return {**told, **changed}


def beside(name: str, *rows: JSONObject) -> JSONObject:
    return {"kid": native_kid(name), "artefacts": [*rows]}


def authors(key: Key = OWN["ann"], payload: bytes = contract(), **changed: JSON) -> JSONObject:
    return beside("ann", row(NULLSPEC, payload, key, **changed))


def executors(key: Key = OWN["eva"], payload: bytes = epoch(), **changed: JSON) -> JSONObject:
    return beside("eva", row(EPOCH, payload, key, **changed))


def given_up(name: str, which: str) -> Callable[[Record], object]:
    """Their key ended before the execution."""
    return lambda record: record.event("identity:person_key:revoked", {"person": IDS[name], "kid": which}, IDS[name])


def left(name: str) -> Callable[[Record], object]:
    return lambda record: record.event("identity:person:deactivated", {"actor": "machine"}, IDS[name])


def made(
    author: JSONObject | None = authors(),  # noqa: B008  constant
    executor: JSONObject | None = executors(),  # noqa: B008  constant
    between: Callable[[Record], object] = lambda _: None, *, body: JSONObject = BODY, who: str | None = None,
    **changes: Any,
) -> Callable[[], bytes]:  # fmt: skip
    """A change whose author and executor sign natively; `between` happens after the approvals."""

    def build() -> bytes:
        record = founded(keys=keys)
        change = proposal(record, body=body).submitted(author, who)
        words = [change.approved("ben"), change.approved("cyd", "timelocked")]
        between(record)
        change.executed(words, native=executor, **changes)
        return export(record)

    return build


def in_advance() -> bytes:
    """The executor's word was given before, without what holds the time of the execution."""
    record = founded(keys=keys)
    change = proposal(record, body=BODY).submitted(authors())
    words = [change.approved("ben"), change.approved("cyd", "timelocked")]
    at = record.step(
        "change:word:signed_in_advance", change, "timelocked", "eva", **change.word(Verb.EXECUTE, "eva")
    )  # fmt: skip
    record.minute += 10
    facts = change.facts(words)
    record.step("change:effect:executed", change, "applied", "eva", signed=at, executor=f"person:{IDS['eva']}", **facts)
    return export(record)


def of_another_body() -> bytes:
    """The author's signature is there, and the body that was approved lists another contract of theirs."""
    record = founded(keys=keys)
    change = proposal(record, body=BODY).submitted(authors())
    other: list[JSON] = [declared(NULLSPEC, "author", contract("other")), LISTED[1]]
    change.body = {**BODY, "native": other}
    words = [change.approved("ben"), change.approved("cyd", "timelocked")]
    change.executed(words, native=executors())
    return export(record)


def reverted(native: JSONObject | None) -> Callable[[], bytes]:
    """A way back that its executor signs natively."""
    listed: list[JSON] = [declared(EPOCH, "executor", epoch(7))]
    back: JSONObject = {"type": "tenant.state", "body": {"tenant": TENANT, "state": "active", "native": listed}}

    def build() -> bytes:
        record = founded(keys=keys)
        first = proposal(record, way_back=back).submitted()
        first.executed([first.approved("ben"), first.approved("cyd", "timelocked")])
        change = _back(record, first, back)
        execution = change.word(Verb.REVERT, "eva") | ({"native": native} if native is not None else {})
        record.step(
            "change:effect:reverted", change, "applied", "eva", execution=execution, reverts=first.id,
            executor=f"person:{IDS['eva']}", **change.facts([]),
        )  # fmt: skip
        return export(record)

    return build


def _back(record: Record, first: Change, back: Any) -> Change:
    return proposal(
        record, 2, body=back["body"], base=first.result, result=first.base, direction="loosens", reverts=first.id
    ).submitted()  # fmt: skip


PLAIN: JSONObject = {"tenant": TENANT, "state": "suspended"}
INVALID = "decision_invalid"
DECISION_KEY: JSONObject = {"kid": kid("eva"), "artefacts": [row(EPOCH, epoch(), key_of("eva"))]}
SIGNED = row(EPOCH, epoch(), OWN["eva"])
LATER = encode(epoch(at=1_795_000_001))

CASES: list[Case] = [
    case("native", "Author and executor signed natively what the change lists.", made()),
    case("native-author-missing", "The submission carries no native signature.", made(None), INVALID),
    case("native-executor-missing", "The execution carries no native signature.", made(executor=None), INVALID),
    case("native-wrong-key", "Somebody else's key signed natively for the executor.",
         made(executor=executors(ATTACKER)), INVALID),
    case("native-wrong-key-of-the-author", "Somebody else's key signed the contract.", made(authors(ATTACKER)),
         INVALID),
    case("native-key-of-another", "The executor's bytes are signed by the author's native key.",
         made(executor=beside("ann", row(EPOCH, epoch(), OWN["ann"]))), INVALID),
    case("native-by-a-decision-key", "The executor's decision key signed the bytes.",
         made(executor=DECISION_KEY), INVALID),
    case("native-key-decides", "The execution itself is signed by the executor's native key.",
         made(key=OWN["eva"], kid=native_kid("eva")), INVALID),
    case("native-key-revoked", "The executor's native key had ended before the execution.",
         made(between=given_up("eva", native_kid("eva"))), INVALID),
    case("native-key-revoked-of-the-author", "The author's native key ended between submission and execution.",
         made(between=given_up("ann", native_kid("ann"))), INVALID),
    case("native-decision-key-revoked", "The author's decision key ended, which the native signature does not rest on.",
         made(between=given_up("ann", kid("ann")))),
    case("native-author-left", "The author was deactivated before the execution.",
         made(between=left("ann")), INVALID),
    case("native-altered", "The executor signed another epoch than was decided.",
         made(executor=executors(payload=epoch(8))), INVALID),
    case("native-altered-contract", "The author signed another contract than was decided.",
         made(authors(payload=contract("other"))), INVALID),
    case("native-time-altered", "The time that the executor fixed was changed after the signature.",
         made(executor=beside("eva", {**SIGNED, "payload": LATER})), INVALID),
    case("native-registry-missing", "The registry's signature over the contract is missing.",
         made(authors(detached=None)), INVALID),
    case("native-registry-wrong", "The registry's signature is the contract's own.",
         made(authors(detached=row(NULLSPEC, contract(), OWN["ann"])["signature"])), INVALID),
    case("native-registry-of-an-epoch", "An epoch with a registry's signature.",
         made(executor=executors(detached=SIGNED["signature"])), INVALID),
    case("native-other-kind", "The artefact is told as another kind.",
         made(executor=beside("eva", {**SIGNED, "kind": "oracle_record"})),
         INVALID),
    case("native-unlisted", "Native signatures beside a change that lists none.",
         made(None, body=PLAIN), INVALID),
    case("native-twice", "Two artefacts where one is listed.", made(executor=beside("eva", SIGNED, SIGNED)), INVALID),
    case("native-malformed", "A row with a member of its own.", made(executor=executors(more=1)), INVALID),
    case("native-no-base64", "A signature that is no base64.", made(executor=executors(signature="?")), INVALID),
    case("native-by-no-author", "The contract was signed by somebody who wrote none of it.",
         made(beside("eva", row(NULLSPEC, contract(), OWN["eva"])), who="eva"), INVALID),
    case("native-of-another-body", "The contract that was approved is not the one that was signed.", of_another_body,
         INVALID),
    case("native-in-advance", "The execution was signed in advance.", in_advance, INVALID),
    case("native-way-back", "A way back with the executor's native signature.",
         reverted(beside("eva", row(EPOCH, epoch(7), OWN["eva"])))),
    case("native-way-back-unsigned", "A way back without it.", reverted(None), INVALID),
]  # fmt: skip
