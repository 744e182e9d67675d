"""Control leaves, rotations, pauses and the manifest: what the log says about itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from ledger.core.bundle import PAYLOAD_TYPE, Disclosure
from ledger.core.dsse import parse_envelope, sign_envelope
from ledger.core.keys import DelegatedKey
from ledger.core.merkle import leaf_hash
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Mutation, base, own
from tests.corpus.draft import Draft, draft_of
from tests.corpus.heads import BOTH, NEW_ONLY, REST, case
from tests.corpus.keys import (
    ATTACKER,
    LOG,
    NEW_LOG,
    ORIGIN,
    OTHER_ORIGIN,
    RECOVERY,
    Key,
    witness_vkey,
)
from tests.corpus.log import Log


def sealed(change: Callable[[Log], object], keys: list[Key] | None = None) -> Draft:
    """A log whose control leaves `change` adds between two windows."""
    log = Log(log_keys=keys or [LOG])
    log.genesis()
    log.events(0, 5)
    log.seal()
    change(log)
    log.events(5, 5)
    log.seal()
    return draft_of(log, 1, log.size - 1)


def rotated(log: Log, signers: list[Key]) -> None:
    """The new log key joins; from then on both lines stand on checkpoints."""
    log.change_keys(signers, add_log=[NEW_LOG.vkey()])
    log.log_keys = [LOG, NEW_LOG]


def retired(log: Log) -> None:
    rotated(log, [LOG, NEW_LOG])
    log.seal()
    log.change_keys([LOG, NEW_LOG], retire_log=[LOG.vkey()])
    log.log_keys = [NEW_LOG]


def retired_but_signing(log: Log) -> None:
    retired(log)
    log.log_keys = [LOG]


def overlap_one_line(log: Log) -> None:
    rotated(log, [LOG, NEW_LOG])
    log.log_keys = [LOG]


def paused(*, resumed: tuple[int, int] | None) -> Callable[[Log], None]:
    def change(log: Log) -> None:
        reason: JSONObject = {"reason": "two heads", "evidence": None, "decision": None}
        log.add("reliance", {**reason, "from": 2, "to": 4, "state": "paused", "control_prev": log.link()})
        if resumed:
            log.add(
                "reliance",
                {
                    **reason,
                    "from": resumed[0],
                    "to": resumed[1],
                    "state": "resumed",
                    "control_prev": log.link(),
                },
            )

    return change


def policies(*texts: bytes) -> Callable[[Log], None]:
    def change(log: Log) -> None:
        for text in texts:
            log.policies.append(text)
            digest = hashlib.sha256(text).hexdigest()
            log.add("policy", {"policy": digest, "decision": None, "control_prev": log.link()})

    return change


def decided(log: Log) -> None:
    decision: JSON = {
        "origin": "demo-c0ffee.localhost/log/_governance/changes",
        "change": "0198c0de-0000-7000-8000-000000000001",
    }
    log.add("segment", {"reason": "clock", "decision": decision, "control_prev": log.link()})


def wrong_link(log: Log) -> None:
    log.add("segment", {"reason": "clock", "decision": None, "control_prev": {"index": 0, "leaf_hash": "ab" * 32}})


def loop(log: Log) -> None:
    """Two control leaves that name each other's places."""
    for target in (log.size + 1, log.size):
        link: JSON = {"index": target, "leaf_hash": "ab" * 32}
        log.add("segment", {"reason": "clock", "decision": None, "control_prev": link})


def left_out(log: Log) -> None:
    """A key leaf that the next manifest does not name."""
    before = log.control
    log.change_keys([LOG], retire=[])
    log.control = before


def weak(public: bytes) -> Draft:
    log = Log()
    keys = [DelegatedKey.of("receipt", ORIGIN, public), DelegatedKey.of("export", ORIGIN, public)]
    log.genesis(delegated=[key.to_json() for key in keys])
    log.event(0, receipt=False)
    log.seal()
    return draft_of(log, 1, 2, disclosed=Disclosure(receipts=False))


def stranger() -> bytes:
    """A whole log with keys of its own under the same origin."""
    log = Log(log_keys=[ATTACKER], receipt_key=ATTACKER, export_keys=(ATTACKER,))
    log.genesis()
    log.events(0, 10)
    log.seal()
    draft = draft_of(log, 0, 11)
    draft.signer = ATTACKER
    return own(draft)


def claims_key() -> bytes:
    """A log whose own leaves name another log key than the one that signs its heads."""
    log = Log(log_keys=[NEW_LOG])
    log.genesis()
    log.log_keys = [LOG]
    log.events(0, 5)
    log.seal()
    return own(draft_of(log, 0, 6))


def badly_signed() -> bytes:
    """The manifest names the genuine export key; somebody else signed it."""
    draft = base()
    signed = parse_envelope(draft.signed_manifest())
    return draft.tar(sign_envelope(PAYLOAD_TYPE, signed.payload, signed.signatures[0].keyid, ATTACKER.sign).to_bytes())


CASES: list[Case] = [
    case("stranger", "A whole log with keys of its own under the same origin.", stranger, "log_key_unknown"),
    case("claims-other-key", "The log's own leaves name another log key.", claims_key, "key_not_valid_at_size"),
    case(
        "decisions-demanded",
        "trust.json names a governance log.",
        lambda: own(sealed(decided)),
        "not_evaluated",
        "decision_unproven",
        trust={"governance_origin": "demo-c0ffee.localhost/log/_governance/changes"},
    ),
    case(
        "decision-not-asked",
        "A control leaf names a decision; the reader did not ask.",
        lambda: own(sealed(decided)),
    ),
    case(
        "rotation",
        "A new log key joins, signed by old and new.",
        lambda: own(sealed(lambda log: rotated(log, [LOG, NEW_LOG]))),
    ),
    case(
        "rotation-retired",
        "The old log key is retired; the new one signs.",
        lambda: own(sealed(retired)),
        policy=NEW_ONLY,
    ),
    case(
        "rotation-recovery",
        "The recovery key of genesis signs in place of the old one.",
        lambda: own(sealed(lambda log: rotated(log, [RECOVERY, NEW_LOG]))),
        policy=BOTH,
    ),
    case(
        "rotation-without-old",
        "A key leaf is signed by the new key alone.",
        lambda: own(sealed(lambda log: rotated(log, [NEW_LOG]))),
        "rotation_unsigned",
        policy=BOTH,
    ),
    case(
        "rotation-without-new",
        "A key leaf is signed by the old key alone.",
        lambda: own(sealed(lambda log: rotated(log, [LOG]))),
        "rotation_unsigned",
        policy=BOTH,
    ),
    case(
        "rotation-one-line",
        "While both keys are valid, the head carries one line.",
        lambda: own(sealed(overlap_one_line)),
        "rotation_unsigned",
        policy=BOTH,
    ),
    case(
        "key-retired",
        "The head is signed only by the retired key.",
        lambda: own(sealed(retired_but_signing)),
        "key_retired",
        policy=BOTH,
    ),
    case(
        "reliance-paused",
        "The log paused reliance on leaves of the range.",
        lambda: own(sealed(paused(resumed=None))),
        "reliance_paused",
    ),
    case("reliance-resumed", "It resumed reliance on all of them.", lambda: own(sealed(paused(resumed=(2, 4))))),
    case(
        "reliance-half-resumed",
        "It resumed reliance on some of them.",
        lambda: own(sealed(paused(resumed=(2, 3)))),
        "reliance_paused",
    ),
    case(
        "policy-loosened",
        "The log's own policy became looser.",
        lambda: own(sealed(policies(f"witness w {witness_vkey()}\nquorum w\n".encode(), b"quorum none\n"))),
        notes=("policy_loosened",),
    ),
    case(
        "policy-differs",
        "The log's own policy is stricter than the reader's.",
        lambda: own(sealed(policies(f"witness w {witness_vkey()}\nquorum w\n".encode()))),
        notes=("policy_differs",),
    ),
    case(
        "control-link-wrong",
        "A control leaf names another one before it.",
        lambda: own(sealed(wrong_link)),
        *(REST - {"control_history_missing"}),
        "control_chain_broken",
    ),
    case(
        "control-loop",
        "Two control leaves name each other.",
        lambda: own(sealed(loop)),
        *(REST - {"control_history_missing"}),
        "control_chain_broken",
    ),
    case(
        "control-left-out",
        "A manifest does not name the newest control leaf.",
        lambda: own(sealed(left_out)),
        *(REST - {"control_history_missing"}),
        "control_chain_broken",
    ),
    case(
        "weak-key",
        "Genesis delegates a key of small order.",
        lambda: own(weak(bytes(32))),
        "weak_key",
        "manifest_key_unknown",
    ),
    case(
        "manifest-signature-wrong",
        "The manifest names the export key, and somebody else signed.",
        badly_signed,
        "manifest_signature_wrong",
    ),
    case(
        "exported-in-future",
        "The manifest is dated a year ahead.",
        lambda: own(base(), lambda draft: draft.state(exported="2027-11-21T10:00:00.000000Z")),
        "time_in_future",
    ),
    case(
        "no-clock",
        "No clock was given.",
        lambda: own(base(), lambda draft: draft.state(exported="2027-11-21T10:00:00.000000Z")),
        now=None,
    ),
    case(
        "manifest-other-root",
        "The manifest names another root for the head.",
        lambda: own(base(), lambda draft: draft.state(root=leaf_hash(b"other"))),
        "manifest_file_mismatch",
    ),
    case(
        "manifest-other-genesis",
        "The manifest names another genesis.",
        lambda: own(base(), lambda draft: draft.state(log=leaf_hash(b"other"))),
        "genesis_mismatch",
    ),
    case(
        "manifest-larger-head",
        "The manifest names a larger head than the bundle holds.",
        lambda: own(base(), lambda draft: draft.state(size=40)),
        "checkpoint_stale",
    ),
    case(
        "manifest-other-events",
        "The manifest states another number of events.",
        lambda: own(base(), lambda draft: draft.state(population=replace(draft.manifest.population, events=3))),
        "manifest_file_mismatch",
    ),
    case(
        "manifest-other-origin",
        "The manifest is of another log.",
        lambda: own(base(), lambda draft: draft.state(origin=OTHER_ORIGIN)),
        "origin_mismatch",
        "manifest_key_unknown",
    ),
]


def manifest_keyid() -> bytes:
    """The manifest's envelope names another key id, which its signature does not cover."""
    draft = base()
    signed = parse_envelope(draft.signed_manifest())
    return draft.tar(replace(signed, signatures=(replace(signed.signatures[0], keyid="x"),)).to_bytes())


CASES += [
    case(
        "manifest-keyid",
        "The manifest's envelope names another key id.",
        manifest_keyid,
        "not_canonical",
        notes=("window_edge",),
    )
]

MUTATIONS: list[Mutation] = [
    Mutation(
        "policy-text-changed",
        "The text of the log's policy was changed.",
        lambda draft: draft.files.update(
            {name: b"quorum none\n\n" for name in draft.files if name.startswith("policy/")}
        ),
        frozenset({"manifest_file_mismatch"}),
    ),
    Mutation(
        "policy-text-gone",
        "The text of the log's policy is gone.",
        lambda draft: [draft.files.pop(name) for name in list(draft.files) if name.startswith("policy/")],
        frozenset({"file_missing"}),
    ),
]
