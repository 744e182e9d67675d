"""The closed forms of native artefacts, one for each kind: exactly these members, each of its own type.

Guarantees that whole numbers are those of 64 bits without a sign, whatever a double holds, and that bytes stand as
EvidenceOS writes them, as lists of integers. Rule: reference on EvidenceOS, sections 1.1, 2.2 and 2.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from governance.change.core.native_text import Node
from governance.change.errors import NativeMalformed

NULLSPEC, RECORD, EPOCH, EVENT = "nullspec_contract", "oracle_record", "epoch_control", "governance_event"
KINDS: Final = (NULLSPEC, RECORD, EPOCH, EVENT)
DOMAINS: Final = {RECORD: "evidenceos:oracle_operator_record:v1", EPOCH: "evidenceos:epoch_control:v1"}
"""What stands before the payload where a digest is signed; other kinds are signed as they are."""
OPEN: Final[dict[str, frozenset[str]]] = {
    NULLSPEC: frozenset(),
    RECORD: frozenset({"key_id", "updated_at_epoch"}),
    EPOCH: frozenset({"key_id", "updated_at_epoch"}),
    EVENT: frozenset({"key_id", "epoch"}),
}
"""What the executor fixes: the approved digest is over the rest."""
SECONDS: Final = {RECORD: "updated_at_epoch", EPOCH: "updated_at_epoch", EVENT: "epoch"}
U64_MAX: Final = 2**64 - 1
LAST_SECOND: Final = 253_402_300_799
_OCTETS: Final = ("nullspec_id", "oracle_resolution_hash", "calibration_manifest_hash", "signature_ed25519")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
_SCHEMA: Final = '"evidenceos.nullspec.v1"'

_Check: TypeAlias = Callable[[Node, str], None]


def _refuse(path: str, expected: str) -> NativeMalformed:
    return NativeMalformed("This is not the form of its kind", why=f"{expected} is expected", path=path)


def _of(kind: str, expected: str) -> _Check:
    def check(node: Node, path: str) -> None:
        if node.kind != kind:
            raise _refuse(path, expected)

    return check


_text, _number = _of("string", "text"), _of("number", "a number")


def _u64(node: Node, path: str) -> None:
    if node.kind != "number" or _WHOLE.fullmatch(node.token) is None or int(node.token) > U64_MAX:
        raise _refuse(path, "a whole number from 0 to 18446744073709551615")


def _token(*tokens: str) -> _Check:
    def check(node: Node, path: str) -> None:
        if node.token not in tokens:
            raise _refuse(path, " or ".join(tokens))

    return check


def _octets(size: int) -> _Check:
    def check(node: Node, path: str) -> None:
        rows = [one.token for one in node.items]
        fits = node.kind == "array" and len(rows) == size
        if not fits or any(_WHOLE.fullmatch(one) is None or int(one) > 255 for one in rows):
            raise _refuse(path, f"{size} bytes as a list of integers")

    return check


def _maybe(inner: _Check) -> _Check:
    def check(node: Node, path: str) -> None:
        if not (node.kind == "word" and node.token == "null"):  # noqa: S105  (a token of JSON)
            inner(node, path)

    return check


def _numbers(node: Node, path: str) -> None:
    if node.kind != "array" or not node.items:
        raise _refuse(path, "a list of numbers")
    for place, one in enumerate(node.items):
        _number(one, f"{path}[{place}]")


def _closed(form: Mapping[str, _Check]) -> _Check:
    def check(node: Node, path: str) -> None:
        if node.kind != "object" or node.members.keys() != form.keys():
            raise _refuse(path, f"an object of {', '.join(sorted(form))}")
        for name in sorted(form):
            form[name](node.members[name], f"{path}.{name}")

    return check


def _one_of(**forms: _Check) -> _Check:
    def check(node: Node, path: str) -> None:
        names = [*node.members]
        if node.kind != "object" or len(names) != 1 or names[0] not in forms:
            raise _refuse(path, f"one of {', '.join(sorted(forms))}")
        forms[names[0]](node.members[names[0]], f"{path}.{names[0]}")

    return check


_EVENTS: Final = {
    '"oracle_ttl_set"': _closed({"oracle_id": _text, "ttl_epochs": _u64}),
    '"oracle_calibration_rotated"': _closed({"calibration_hash": _text, "oracle_id": _text}),
    '"epoch_advanced"': _closed({"to": _u64}),
}
_FORMS: Final[dict[str, dict[str, _Check]]] = {
    NULLSPEC: {
        "schema": _token(_SCHEMA), "nullspec_id": _token(f"[{','.join(['0'] * 32)}]"), "oracle_id": _text,
        "oracle_resolution_hash": _octets(32), "holdout_handle": _text, "epoch_created": _u64, "ttl_epochs": _u64,
        "kind": _one_of(
            DiscreteBuckets=_closed({"p0": _numbers}), ParametricBernoulli=_closed({"p": _number})
        ),
        "eprocess": _one_of(
            DirichletMultinomialMixture=_closed({"alpha": _numbers}), LikelihoodRatioFixedAlt=_closed({"alt": _numbers})
        ),
        "calibration_manifest_hash": _maybe(_octets(32)), "created_by": _text, "signature_ed25519": _token("[]"),
    },
    RECORD: {
        "calibration_epoch": _maybe(_u64), "calibration_manifest_hash_hex": _text, "key_id": _text,
        "disjointness_attestation": _maybe(
            _closed({"proof_sha256_hex": _text, "scope": _text, "statement_type": _text})
        ),
        "nonoverlap_proof_uri": _maybe(_text), "oracle_id": _text, "schema_version": _token("1"), "ttl_epochs": _u64,
        "updated_at_epoch": _u64,
    },
    EPOCH: {"forced_epoch": _u64, "key_id": _text, "updated_at_epoch": _u64},
    EVENT: {"epoch": _u64, "event_type": _token(*_EVENTS), "key_id": _text, "payload": _of("object", "an object")},
}  # fmt: skip


def check_form(kind: str, root: Node, *, whole: bool) -> None:
    """Raise NativeMalformed unless the object has exactly the members of its kind; without the open ones if not
    `whole`.
    """
    form = _FORMS[kind]
    left = frozenset[str]() if whole else OPEN[kind]
    _closed({name: check for name, check in form.items() if name not in left})(root, "$")
    if kind == EVENT:
        _EVENTS[root.members["event_type"].token](root.members["payload"], "$.payload")


def octets_in(kind: str, path: str, node: Node) -> bytes | None:
    """The bytes that a list of integers stands for, in the members that hold bytes; None for everything else."""
    if kind != NULLSPEC or path not in _OCTETS or node.kind != "array":
        return None
    return bytes(int(one.token) for one in node.items)


def second_in(kind: str, path: str, node: Node) -> str:
    """The moment behind a number of unix seconds, in words to stand after it; '' for everything else."""
    if path != SECONDS.get(kind) or int(node.token) > LAST_SECOND:
        return ""
    return f" ({datetime.fromtimestamp(int(node.token), UTC):%Y-%m-%d %H:%M:%S} UTC)"
