"""Bundles of a tenant whose leaves name decisions, with the log of decisions inside: opened, closed, and lied about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from governance.change.core.verbs import Verb
from ledger.core.bundle import OBJECTS, Disclosure
from ledger.core.bundle.layout import CHANGES
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Input, Mutation, own
from tests.corpus.draft import Draft, draft_of
from tests.corpus.governed import DECISIONS, ORIGIN, Change, Record, decided, founded, proposal
from tests.corpus.keys import ATTACKER, LOG
from tests.corpus.keys import ORIGIN as ACME
from tests.corpus.log import START, Log

POLICY = f"log {LOG.vkey()}\nlog {DECISIONS.vkey(ORIGIN)}\nquorum none\n".encode()
TRUST: JSONObject = {"governance_origin": ORIGIN}
MUTATIONS: list[Mutation] = []
FIRST, LAST = 1, 6
RESUME: JSONObject = {"stream": ACME, "from": FIRST, "to": LAST}
OTHERS: dict[str, Any] = {"kind": "key.revoke", "subject": "person:0198c0de-0000-7000-8000-0000000000dd/keys"}


def resumption(record: Record, number: int = 1) -> Change:
    """Reliance on leaves of the tenant's log, which its tenant had paused, is resumed."""
    return proposal(
        record, number, kind="reliance.resume", subject=f"stream:{ACME}/reliance", body=RESUME,
        base={"paused": [[FIRST, LAST]]}, result={"paused": []}, direction="loosens",
    ).submitted()  # fmt: skip


def both(change: Change) -> list[int]:
    return [change.approved("ben"), change.approved("cyd", "timelocked")]


def usual(record: Record) -> Change:
    change = resumption(record)
    change.executed(both(change))
    return change


def among_others(record: Record) -> Change:
    """A decision of somebody else before it, which is not opened."""
    decided(record, 7, body={"tenant": "0198c0de-0000-7000-8000-0000000000bb", "state": "suspended"})
    return usual(record)


def tenants(decision: JSON, **other: JSON) -> Log:
    """The tenant's log: reliance on its events is paused, and resumed by a decision."""
    log = Log()
    log.genesis()
    log.events(0, 6)
    said: JSONObject = {"from": FIRST, "to": LAST, "reason": "drill", "evidence": None}
    log.add("reliance", {**said, "state": "paused", "decision": None, "control_prev": log.link()})
    log.add("reliance", {**said, "state": "resumed", "decision": decision, "control_prev": log.link(), **other})
    log.seal()
    return log


def part(record: Record, hide: Iterable[int] = (), alter: Callable[[Draft], object] = lambda _: None) -> bytes:
    """The log of decisions as it travels in a tenant's bundle, without the objects of the leaves in `hide`."""
    record.sealed()
    last = record.log.size - 1
    draft = draft_of(record.log, 0, last, disclosed=Disclosure(receipts=False))
    for name in OBJECTS.values():
        draft.put(name, [line for line in draft.lines(name) if _index(line) not in {*hide}])
    draft.state(disclosed=Disclosure(receipts=False, attrs=False, payloads=False))
    return own(draft, alter)


def _index(line: bytes) -> object:
    value = parse(line)
    assert isinstance(value, dict)
    return value["index"]


def of_change(record: Record, change: str) -> list[int]:
    """The leaves of a change."""
    found = []
    for index, role in record.log.objects:
        value = parse(record.log.objects[index, role].data)
        if role == "payload" and isinstance(value, dict) and value["change"] == change:
            found.append(index)
    return found


def bundle(
    act: Callable[[Record], Change] = usual,
    hide: Callable[[Record, Change], Iterable[int]] = lambda _record, _change: (),
    alter: Callable[[Draft], object] = lambda _: None,
    decision: JSONObject | None = None,
    **other: JSON,
) -> Callable[[], bytes]:
    """A tenant's bundle with the part; `hide` says what of the log of decisions is not opened."""

    def build() -> bytes:
        record = founded()
        change = act(record)
        inner = part(record, hide(record, change), alter)
        log = tenants({"origin": ORIGIN, "change": change.id, **(decision or {})}, **other)
        draft = draft_of(log, 1, log.size - 1)
        draft.files[CHANGES] = inner
        return own(draft)

    return build


def with_files(files: dict[str, bytes]) -> Callable[[], bytes]:
    def build() -> bytes:
        draft = draft_of(tenants({"origin": ORIGIN, "change": "0198c0de-0000-7000-8000-000000000101"}), 1, 9)
        draft.files |= files
        return own(draft)

    return build


def case(
    name: str, about: str, make: Callable[[], bytes], *codes: str, trust: JSONObject = TRUST,
    notes: tuple[str, ...] = (), policy: bytes = POLICY,
) -> Case:  # fmt: skip
    def build() -> Input:
        return Input(make(), policy, trust, int(START.timestamp()) + 86_400)

    return Case(f"part-{name}", about, build, frozenset(codes), frozenset(notes))


def signed_by_another(record: Record) -> Change:
    change = resumption(record)
    change.executed([change.approved("ben", key=ATTACKER), change.approved("cyd", "timelocked")])
    return change


def one_approval(record: Record) -> Change:
    change = resumption(record)
    change.executed([change.approved("ben", "timelocked")])
    return change


def too_soon(record: Record) -> Change:
    change = resumption(record)
    change.executed(both(change), wait=1)
    return change


def approval_taken_back(record: Record) -> Change:
    """ben took his approval back before cyd approved; the record says so, and the bundle leaves it out."""
    change = resumption(record)
    first = change.approved("ben")
    record.step("change:word:approval_revoked", change, "in_review", "ben", **change.word(Verb.REVOKE_APPROVAL, "ben"))
    change.executed([first, change.approved("cyd", "timelocked")])
    return change


def others(record: Record, change: Change) -> list[int]:
    """What is not of the founding, nor of the change."""
    own_ones = {*of_change(record, change.id), *of_change(record, "0198c0de-0000-7000-8000-0000000000f0")}
    return [index for index, role in record.log.objects if role == "payload" and index not in own_ones]


def nth(place: int) -> Callable[[Record, Change], list[int]]:
    return lambda record, change: [of_change(record, change.id)[place]]


def other_payload(draft: Draft) -> None:
    """A payload says something else than its leaf commits to."""

    def change(fields: JSONObject) -> None:
        fields["text"] = str(fields["text"]).replace("applied", "reverted")

    draft.edit_line(OBJECTS["payload"], -1, change)


def nested(draft: Draft) -> None:
    draft.files[CHANGES] = b"inside"


LEFT_OUT = ("decision_unproven",)
UNREAD = ("decision_unproven", "not_evaluated")

CASES: list[Case] = [
    case("good", "A leaf names a decision; the log of decisions is there, all of it opened.", bundle()),
    case("others-closed", "A decision of another tenant is a commitment.", bundle(among_others, others),
         notes=("decision_hidden",)),
    case("one-approval-others-closed", "One approval; what is closed might explain it.",
         bundle(lambda record: (decided(record, 7), one_approval(record))[1], others), *LEFT_OUT,
         notes=("decision_hidden",)),
    case("not-asked", "trust.json names no log of decisions.", bundle(), trust={}, notes=("not_evaluated",)),
    case("absent", "The leaf names a decision, and the bundle holds no log of decisions.", with_files({}), *UNREAD),
    case("unneeded", "No leaf names a decision, and none is asked for.",
         lambda: own(draft_of(tenants(None), 1, 9))),
    case("garbage", "The log of decisions is no archive.", with_files({CHANGES: b"{}"}), "archive_malformed", *UNREAD),
    case("nested", "A log of decisions inside the log of decisions.", bundle(alter=nested), "archive_malformed"),
    case("approval-closed", "The payload of an approval is left out.", bundle(hide=nth(2)), *LEFT_OUT),
    case("draft-closed", "The beginning of the change is left out.", bundle(hide=nth(0)), *LEFT_OUT),
    case("execution-closed", "The execution is left out.", bundle(hide=nth(-1)), *LEFT_OUT,
         notes=("decision_hidden",)),
    case("all-closed", "Nothing of the change is opened.",
         bundle(hide=lambda record, change: of_change(record, change.id)), *LEFT_OUT, notes=("decision_hidden",)),
    case("founding-closed", "The founding is not opened.",
         bundle(hide=lambda record, _: of_change(record, "0198c0de-0000-7000-8000-0000000000f0")), *LEFT_OUT),
    case("taken-back", "An approval was taken back, and the bundle leaves that out.",
         bundle(approval_taken_back, nth(3)), *LEFT_OUT),
    case("taken-back-opened", "An approval was taken back.", bundle(approval_taken_back), "decision_invalid",
         *LEFT_OUT),
    case("signed-by-another", "An approval by somebody else's key.", bundle(signed_by_another), "decision_invalid",
         *LEFT_OUT),
    case("one-approval", "One approval where two are needed.", bundle(one_approval), "decision_invalid", *LEFT_OUT),
    case("before-the-lock", "Carried out before the lock was over.", bundle(too_soon), "timelock_violated", *LEFT_OUT),
    case("other-range", "The leaf tells of another range than was decided.", bundle(to=LAST - 1), "decision_invalid",
         "reliance_paused"),
    case("other-state", "The leaf does the opposite of what was decided.", bundle(state="paused"), "decision_invalid",
         "reliance_paused"),
    case("other-log-named", "The leaf names a log that the reader does not trust.",
         bundle(decision={"origin": "other.example/log/_governance/changes"}), *LEFT_OUT),
    case("other-change", "The leaf names a change that nobody decided.",
         bundle(decision={"change": "0198c0de-0000-7000-8000-000000000999"}), *LEFT_OUT),
    case("founding-named", "The leaf names the founding.",
         bundle(decision={"change": "0198c0de-0000-7000-8000-0000000000f0"}), "decision_invalid"),
    case("other-payload", "A payload of the log of decisions was changed.", bundle(alter=other_payload),
         "payload_digest_mismatch", "decision_unproven"),
    case("foreign", "The log of decisions is not the one that the reader trusts.", bundle(), "origin_mismatch", *UNREAD,
         trust={"governance_origin": "other.example/log/_governance/changes"}),
    case("log-key-unknown", "The reader's policy knows no key of the log of decisions.", bundle(), "log_key_unknown",
         *UNREAD, policy=f"log {LOG.vkey()}\nquorum none\n".encode()),
]  # fmt: skip
