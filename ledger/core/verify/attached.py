"""Step 8: attached leaves by their inclusion proofs, and the control chain from the newest manifest back to
genesis.

The newest window manifest is the last leaf under the head: nothing can hide behind it. It names the newest
control leaf, each control leaf names the one before, and genesis ends the walk; so no key, policy or pause
can be left out.
"""

from __future__ import annotations

from ledger.core import ed25519
from ledger.core.bundle.layout import ATTACHED, KEYS, POLICIES
from ledger.core.bundle.lines import MAX_LINE_BYTES, Attached, read_attached
from ledger.core.bundle.proofs import keys_document
from ledger.core.control import ControlChainBroken, ControlHistory, Link, history, link_of
from ledger.core.envelope import Envelope, parse
from ledger.core.keys import DelegatedKey
from ledger.core.merkle import verify_inclusion
from ledger.core.schemas import CONTROL
from ledger.core.strict_base64 import decode
from ledger.core.verify.case import Case
from ledger.core.vkey import VKey
from ledger.core.window import window_of
from ledger.errors import LedgerError, NoteMalformed, WeakKey

MAX_ATTACHED = 50_000
_WINDOW = frozenset({"window"})


def check_attached(case: Case) -> None:
    """Read attached leaves and prove each under the head."""
    if not case.archive.has(ATTACHED) or case.head is None:
        return
    before = case.findings.count
    for number, line in enumerate(case.archive.lines(ATTACHED, MAX_LINE_BYTES), 1):
        path = f"{ATTACHED}:{number}"
        if number > MAX_ATTACHED:
            case.findings.problem("archive_limit", path, f"More than {MAX_ATTACHED:,} attached leaves")
            return
        try:
            _attach(case, read_attached(line), path)
        except LedgerError as error:
            case.findings.refused(error, path)
    case.findings.ran("attached", compared=len(case.attached), since=before)


def _attach(case: Case, attached: Attached, path: str) -> None:
    head = case.head.checkpoint if case.head is not None else None
    leaf = parse(attached.leaf)
    if head is None:
        return
    if leaf.index != attached.index:
        case.findings.problem(
            "leaf_index_mismatch", path, f"The leaf states index {leaf.index}, its line {attached.index}"
        )
    if leaf.origin != head.origin:
        case.findings.problem("origin_mismatch", path, f"The leaf is of {leaf.origin}, not of {head.origin}")
    verify_inclusion(attached.index, head.size, leaf.leaf_hash, list(attached.proof), head.root)
    case.attached[leaf.index] = leaf


def check_control_chain(case: Case) -> None:
    """Walk the control leaves back from the newest manifest; derive keys and policies; refuse weak keys."""
    newest = _newest_manifest(case)
    if newest is None:
        return
    before = case.findings.count
    try:
        case.history = _derived(case, case.known(CONTROL), newest)
    except WeakKey as error:
        case.findings.refused(error, "control chain")
    except LedgerError as error:
        case.findings.refused(error, "control chain", "control_chain_broken")
    links = len(case.history.leaves) if case.history is not None else None
    case.findings.ran("control_chain", compared=links, since=before)


def _derived(case: Case, known: dict[int, Envelope], newest: Envelope) -> ControlHistory | None:
    start = window_of(newest).control
    chain = _walk(case, known, start)
    if chain is None:
        return None
    _refuse_left_out(known, chain, newest)
    derived = history(chain, start)
    refuse_weak(derived)
    return derived


def _newest_manifest(case: Case) -> Envelope | None:
    windows = case.known(_WINDOW)
    if case.head is None:
        return None
    last = case.head.checkpoint.size - 1
    if last in windows:
        return windows[last]
    case.findings.problem(
        "control_history_missing",
        ATTACHED,
        f"Leaf {last}, the last under the head, is not shown to be a window manifest: more could hide",
    )
    return None


def _walk(case: Case, known: dict[int, Envelope], start: Link) -> list[Envelope] | None:
    """Control leaves by the indices that links name, genesis first; `history` compares the hashes."""
    chain: list[Envelope] = []
    link: Link | None = start
    while link is not None:
        leaf = known.get(link.index)
        if leaf is None:
            case.findings.problem("control_history_missing", ATTACHED, f"Control leaf {link.index} is not there")
            return None
        if chain and leaf.index >= chain[-1].index:
            raise ControlChainBroken("The control chain does not lead back", path=f"leaf {link.index}")
        chain.append(leaf)
        link = link_of(leaf)
    return chain[::-1]


def _refuse_left_out(known: dict[int, Envelope], chain: list[Envelope], newest: Envelope) -> None:
    named = {leaf.index for leaf in chain}
    for index in known:
        if index not in named and index < newest.index:
            raise ControlChainBroken("A control leaf of the log is left out of the chain", path=f"leaf {index}")


def refuse_weak(derived: ControlHistory) -> None:
    """Raises WeakKey or ControlChainBroken for a key of the history that proves nothing."""
    for span in derived.keys:
        if isinstance(span.key, DelegatedKey):
            ed25519.check_public(span.key.public)
    for span in derived.log_keys:
        try:
            VKey.parse(str(span.key))
        except NoteMalformed as error:
            raise ControlChainBroken(error.what, why=error.why) from error
    recovery = derived.genesis.fields["recovery_key"]
    if isinstance(recovery, str):
        ed25519.check_public(decode(recovery))


def check_keys(case: Case) -> None:
    """keys.json against the derived history, and the policies that it names."""
    if case.history is None or not case.archive.has(KEYS):
        return
    before = case.findings.count
    if case.archive.read(KEYS) != keys_document(case.history):
        case.findings.problem("keys_mismatch", KEYS, "It differs from the history that the control leaves give")
    digests = dict.fromkeys(digest for _, digest in case.history.policies)
    for name in case.archive.names(POLICIES):
        if name.removeprefix(POLICIES) not in digests:
            case.findings.problem("manifest_file_extra", name, "No leaf of the log names a policy with this SHA-256")
    for digest in digests:
        name = POLICIES + digest
        if not case.archive.has(name):
            case.findings.problem("file_missing", name, "A policy that the control leaves name is not there")
        elif case.archive.members[name].sha256 != digest:
            case.findings.problem("manifest_file_mismatch", name, "The text has another SHA-256 than its name")
    case.findings.ran("keys", since=before)
