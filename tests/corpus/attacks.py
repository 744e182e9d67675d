"""Evidence that a hostile log, its operator or a stranger makes up so that each part looks right by itself."""

from __future__ import annotations

from collections.abc import Callable

from ledger.core.bundle import OBJECTS, RECEIPTS, Period, Population
from ledger.core.canonical import canonical
from ledger.core.checkpoint import Checkpoint
from ledger.core.envelope import Envelope, build
from ledger.core.merkle import inclusion_proof, leaf_hash, reader_of, root
from ledger.core.note import Note, sign_note
from ledger.core.proof import TlogProof
from ledger.core.strict_base64 import encode
from ledger.core.types import JSONObject, LeafIndex, TreeSize
from tests.corpus.cases import Case, Input, Mutation, base, own
from tests.corpus.draft import Draft, draft_of
from tests.corpus.heads import pin
from tests.corpus.keys import ATTACKER, LOG, NEW_RECEIPT, ORIGIN, OTHER_ORIGIN, RECEIPT
from tests.corpus.log import ERASED, Log, sample_log
from tests.corpus.promises import fork_file
from tests.corpus.proofs import T, period
from tests.corpus.singles import case, receipt

BOTH_LOGS = f"log {LOG.vkey()}\nlog {ATTACKER.vkey(OTHER_ORIGIN)}\nquorum none\n".encode()
NEVER = "2099-01-01T00:00:00.000000Z"
LAST = "9999-12-31T23:59:59.000000Z"
END_OF_TIME = 253_402_300_799


def stranger_log() -> Log:
    """A log under the origin of another, of which every key is the attacker's."""
    log = Log(log_keys=[ATTACKER], receipt_key=ATTACKER, export_keys=(ATTACKER,))
    log.genesis()
    log.events(0, 5)
    return log


def shown_by(log: Log, index: int, note: Note) -> bytes:
    """A proof of a leaf of `log`, with the leaf, under any note."""
    hashes = inclusion_proof(index, log.size, reader_of(log.hashes))
    return TlogProof(LeafIndex(index), tuple(hashes), note.to_bytes(), log.leaves[index].raw).to_bytes()


def as_other_log(log: Log) -> Note:
    """A head over the leaves of `log`, signed by the attacker as the log that the reader trusts him with."""
    text = Checkpoint(OTHER_ORIGIN, TreeSize(log.size), root(log.hashes)).text()
    return Note(text, (sign_note(text, ATTACKER.vkey(OTHER_ORIGIN), ATTACKER.sign),))


def mixed(*, pinned: bool = False) -> bytes:
    """A receipt of log A that only proofs under log B's head support."""
    log = stranger_log()
    log.seal()
    row: JSONObject = {
        "receipt": log.receipts[3].to_json(),
        "leaf": encode(log.leaves[3].raw),
        "genesis": encode(log.leaves[0].raw),
        "genesis_proof": None if pinned else shown_by(log, 0, as_other_log(log)).decode(),
        "window": None if pinned else shown_by(log, log.size - 1, as_other_log(log)).decode(),
        "proof": shown_by(log, 3, as_other_log(log)).decode(),
    }
    return canonical(row)


def mixed_proof() -> bytes:
    log = stranger_log()
    return shown_by(log, 3, as_other_log(log))


def misplaced_proof() -> bytes:
    """The log holds, at index 3, a leaf that states index 9."""
    log = Log()
    log.genesis()
    log.events(0, 2)
    log.leaves.append(build("event", ORIGIN, 9, log.leaves[-1].leaf_hash, log.moment(), log.leaves[2].fields))
    return shown_by(log, 3, log.note(4))


def rotated() -> Log:
    """The receipt key changes at leaf 5; the manifest at leaf 8 covers it."""
    log = Log()
    log.genesis()
    log.events(0, 3)
    log.seal()
    retired = [RECEIPT.delegated("receipt").kid]
    log.change_keys([LOG], add=[NEW_RECEIPT.delegated("receipt")], retire=retired)
    log.receipt_key = NEW_RECEIPT
    log.events(3, 2)
    log.seal()
    return log


def held(log: Log, index: int, *, forged: bool = False, window: int | None = 8, control: bool = True) -> bytes:
    """A receipt of the rotated log, genuine or made up with the retired key."""
    leaf: Envelope = log.leaves[index]
    signed = log.receipts[index]
    if forged:
        leaf = build("event", ORIGIN, index, leaf_hash(b"never there"), leaf.recorded, leaf.fields)
        signed = log.receipt(leaf, key=RECEIPT)
    row: JSONObject = {"receipt": signed.to_json(), "leaf": encode(leaf.raw), "genesis": encode(log.leaves[0].raw)}
    if window is not None:
        row["window"] = shown_by(log, window, log.note(log.size)).decode()
    if control:
        row["control"] = [encode(log.leaves[5].raw)]
    return canonical(row)


def rotated_pin() -> JSONObject:
    return pin(rotated().leaves[0].leaf_hash.hex())


def late_promise() -> bytes:
    log = sample_log()
    return receipt(receipt=log.receipt(log.leaves[7], promised_by=NEVER).to_json(), leaf=None)


def garbage_proof() -> str:
    log = sample_log()
    hashes = tuple(leaf_hash(b"%d" % level) for level in range(len(inclusion_proof(7, 34, reader_of(log.hashes)))))
    return TlogProof(LeafIndex(7), hashes, log.notes[34].to_bytes(), log.leaves[7].raw).to_bytes().decode()


def claimed(first: int, last: int, *, matching: int, outside: int) -> Draft:
    log = sample_log()
    events = sum(leaf.kind == "event" for leaf in log.leaves[first : last + 1])
    asked = Period("claimed", T.format(0), T.format(50))
    return draft_of(log, first, last, period=asked, population=Population(events, matching, outside))


def early_erasure() -> Draft:
    """The erasure leaf stands in front of the event that it names."""
    log = Log()
    log.genesis()
    fields: JSONObject = {
        **ERASED,
        "ranges": [{"from": 2, "to": 2}],
        "parts": ["payload", "attrs"],
    }
    log.add("erasure", fields)
    log.events(0, 2)
    log.seal()
    draft = draft_of(log, 0, log.size - 1)
    for name in OBJECTS.values():
        draft.edit(name, lambda lines: lines.pop(0))
    return draft


def own_fork() -> Draft:
    """A stranger's log, complete and true to itself, that proves a fork of itself by its own keys."""
    log = stranger_log()
    log.seal()
    draft = draft_of(log, 0, log.size - 1)
    draft.signer = ATTACKER
    other = log.note(log.size, head=leaf_hash(b"other"))
    draft.files["forks/0.json"] = fork_file(log.note(log.size), other, [], None)
    return draft


def own_contradiction() -> Draft:
    """A stranger's log with a receipt of its own key for another leaf."""
    log = stranger_log()
    log.receipts[3] = log.receipt(log.leaves[3], leaf_hash=leaf_hash(b"other"))
    log.seal()
    draft = draft_of(log, 0, log.size - 1)
    draft.signer = ATTACKER
    return draft


def last_moment() -> Draft:
    """A leaf of the calendar's last second, whose promise would lie behind the end of the calendar."""
    log = Log()
    log.genesis()
    log.event(0)
    last = log.event(1, recorded=LAST, receipt=False)
    claims: dict[str, object] = {"leaf_hash": last.leaf_hash, "prev": last.prev, "recorded": LAST, "promised_by": LAST}
    log.receipts[2] = log.receipt(log.leaves[1], key=None, issued=None, index=2, **claims)
    log.add("segment", {"reason": "clock", "decision": None, "control_prev": log.link()}, recorded=LAST)
    log.seal()
    return draft_of(log, 0, log.size - 1)


def hidden(**claims: object) -> Callable[[], bytes]:
    """Leaf 7 is hidden, and its receipt says something else."""

    def made() -> bytes:
        log = sample_log()
        draft = draft_of(log, 5, 28, hidden=(7,))
        signed = log.receipt(log.leaves[7], key=None, issued=None, **claims)
        draft.edit(RECEIPTS, lambda lines: lines.insert(2, signed.to_bytes()))
        return own(draft)

    return made


def issued(at: int) -> Callable[[Draft], object]:
    def change(draft: Draft) -> None:
        signed = draft.log.receipt(draft.log.leaves[5], issued=at)
        draft.edit(RECEIPTS, lambda lines: lines.__setitem__(0, signed.to_bytes()))

    return change


def bundle(name: str, about: str, build_: Callable[[], bytes | Draft], *codes: str, **given: object) -> Case:
    def made() -> Input:
        found = build_()
        return Input(own(found) if isinstance(found, Draft) else found, **given)  # type: ignore[arg-type]  # by name

    return Case(name, about, made, frozenset(codes))


CASES: list[Case] = [
    bundle(
        "period-elsewhere",
        "The range lies wholly behind the period.",
        lambda: period(T.format(4), T.format(9), 24, 28, matching=0, outside=5),
        "leaf_missing",
    ),
    bundle(
        "period-elsewhere-before",
        "The range lies wholly in front of the period.",
        lambda: period(T.format(24), T.format(29), 3, 7, matching=0, outside=5),
        "leaf_missing",
    ),
    Case(
        "period-claimed",
        "A period by claimed time over a part of the log: nothing shows that it is complete.",
        lambda: Input(own(claimed(3, 7, matching=5, outside=0))),
    ),
    bundle("erasure-before", "An erasure leaf stands in front of its event.", early_erasure, "payload_missing"),
    bundle(
        "fork-of-a-stranger",
        "A fork under keys that only an unsigned history names.",
        own_fork,
        "log_key_unknown",
        "fork_claimed",
    ),
    bundle(
        "contradiction-of-a-stranger",
        "A receipt that contradicts a leaf, in a log that no key of the reader signed.",
        own_contradiction,
        "log_key_unknown",
        "receipt_mismatch",
    ),
    bundle(
        "hidden-late-promise",
        "The receipt of a hidden leaf promises another time.",
        hidden(promised_by=NEVER),
        "receipt_mismatch",
    ),
    bundle(
        "hidden-late",
        "The receipt of a hidden leaf was recorded after the leaf behind it.",
        hidden(recorded=NEVER, promised_by="2099-01-01T00:02:00.000000Z"),
        "receipt_mismatch",
    ),
    bundle(
        "hidden-early",
        "The receipt of a hidden leaf was recorded before the leaf in front of it.",
        hidden(recorded="2026-11-21T09:00:01.000000Z", promised_by="2026-11-21T09:02:01.000000Z"),
        "receipt_mismatch",
    ),
    bundle(
        "hidden-other-prev",
        "The receipt of a hidden leaf names another leaf before it.",
        hidden(prev=leaf_hash(b"other")),
        "receipt_mismatch",
    ),
    bundle("last-moment", "A promise behind the end of the calendar.", last_moment, "time_in_future", "leaf_schema"),
    bundle(
        "now-at-the-end", "The reader's clock stands at the end of the calendar.", lambda: own(base()), now=END_OF_TIME
    ),
    case(
        "proof",
        "other-origin",
        "A leaf of log A under the head of log B.",
        mixed_proof,
        "origin_mismatch",
        policy=BOTH_LOGS,
    ),
    case(
        "proof",
        "other-index",
        "A leaf that states another index than its place.",
        misplaced_proof,
        "leaf_index_mismatch",
    ),
    case(
        "receipt",
        "other-log",
        "A receipt of log A, made up by the operator of log B.",
        mixed,
        "origin_mismatch",
        "receipt_key_unproven",
        "not_evaluated",
        policy=BOTH_LOGS,
    ),
    case(
        "receipt",
        "other-log-pinned",
        "The proof of inclusion is of another log than the receipt.",
        lambda: mixed(pinned=True),
        "origin_mismatch",
        "receipt_key_unproven",
        policy=BOTH_LOGS,
        trust=pin(stranger_log().leaves[0].leaf_hash.hex()),
    ),
    case(
        "receipt",
        "genesis-alone",
        "Genesis delegates the key; nothing shows that it was not retired before the leaf.",
        lambda: receipt(window=None),
        "receipt_key_unproven",
    ),
    case(
        "receipt",
        "retired-key",
        "A made-up receipt under a retired key, with the genesis alone.",
        lambda: held(rotated(), 7, forged=True, window=None),
        "receipt_key_unproven",
        trust=rotated_pin(),
    ),
    case(
        "receipt",
        "retired-key-shown",
        "A made-up receipt under a key that the control leaves in the file retire.",
        lambda: held(rotated(), 7, forged=True),
        "receipt_signature_wrong",
        "not_evaluated",
    ),
    case("receipt", "later-key", "A receipt under a key that a later leaf delegates.", lambda: held(rotated(), 7)),
    case(
        "receipt",
        "control-left-out",
        "The control leaves in the file are not all that the manifest names.",
        lambda: held(rotated(), 7, control=False),
        "control_chain_broken",
        "not_evaluated",
    ),
    case(
        "receipt",
        "window-before",
        "The window manifest stands in front of the leaf.",
        lambda: held(rotated(), 7, window=4),
        "receipt_key_unproven",
        "not_evaluated",
        trust=rotated_pin(),
    ),
    case(
        "receipt",
        "no-leaf",
        "Neither the leaf nor its proof: nothing that was receipted is compared.",
        lambda: receipt(leaf=None, proof=None),
        "not_evaluated",
    ),
    case(
        "receipt", "no-leaf-late", "A receipt without its leaf promises another time.", late_promise, "receipt_mismatch"
    ),
    case(
        "receipt",
        "proof-is-no-text",
        "The proof is a JSON object.",
        lambda: receipt(proof={"a": 1}),
        "leaf_schema",
        "not_evaluated",
    ),
    case(
        "receipt",
        "garbage-proof",
        "A proof of random hashes is no contradiction of the log.",
        lambda: receipt(proof=garbage_proof()),
        "inclusion_invalid",
    ),
]

MUTATIONS: list[Mutation] = [
    Mutation(
        "receipt-issued-beyond",
        "A receipt states that it was issued beyond the head.",
        issued(2**50),
        frozenset({"receipt_key_unproven"}),
    ),
    Mutation(
        "receipt-issued-before",
        "A receipt states that it was issued before its leaf.",
        issued(3),
        frozenset({"receipt_key_unproven"}),
    ),
]
