"""Witness policies: which logs and witnesses count, and how many of them are needed.

Guarantees that a `Policy` in memory came from a text that the grammar allows: names defined before use, each
member listed at most once, no public key under two names, exactly one quorum. Every refusal names its line.
Follows C2SP tlog-policy; what is stricter here stands in docs/vectors.md. Operating organisations are not in
it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from re import fullmatch
from typing import Final, TypeVar

from ledger.core.types import Hash
from ledger.core.vkey import KeyType, VKey
from ledger.core.witness_quorum import Group, QuorumReason, Witness, explain, shown
from ledger.errors import NoteMalformed, PolicyInvalid, WeakKey

__all__ = ["Group", "Policy", "QuorumReason", "Witness", "parse_policy"]

_T = TypeVar("_T")

MAX_OF_EACH: Final = 128
MAX_POLICY_BYTES: Final = 1_000_000
RESERVED_NAMES: Final = frozenset({"none", "all", "any"})
LOG_KEY_TYPES: Final = frozenset(KeyType) - {KeyType.COSIGNATURE}
WITNESS_KEY_TYPES: Final = frozenset({KeyType.COSIGNATURE, KeyType.MLDSA44})

_FOREIGN_BYTES: Final = bytes(sorted({*range(0x20), 0x7F} - {0x09, 0x0A}))


@dataclass(frozen=True, slots=True)
class Policy:
    """What a reader trusts: any one of `logs`, and witnesses by `quorum` (None: `quorum none`).

    Names are opaque bytes, kept as UTF-8 with surrogate escapes. `text` is the policy verbatim.
    """

    text: bytes
    logs: tuple[VKey, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str | None
    log_urls: Mapping[VKey, str] = field(default_factory=dict, compare=False)

    def digest(self) -> Hash:
        """SHA-256 of the verbatim text: the name under which a policy travels."""
        return Hash(sha256(self.text).digest())

    def met_by(self, names: Collection[str]) -> bool:
        """Say whether the witnesses with these policy names make the quorum; always so for `quorum none`."""
        return self.why(names).met

    def why(self, names: Collection[str]) -> QuorumReason:
        """Explain `met_by` as a tree; each node has `words()`."""
        return explain(self.quorum, self.witnesses, self.groups, names)

    def names_of(self, vkeys: Collection[VKey]) -> frozenset[str]:
        """Policy names of the witnesses among `vkeys`."""
        return frozenset(witness.name for witness in self.witnesses if witness.vkey in vkeys)


def parse_policy(text: str | bytes) -> Policy:
    """Read a policy; raise PolicyInvalid with `line N` as `path`."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    if len(data) > MAX_POLICY_BYTES:
        raise PolicyInvalid("A policy is longer than 1,000,000 bytes", path="line 1")
    *lines, rest = data.split(b"\n")
    draft = _Draft()
    for number, line in enumerate(lines, 1):
        _read_line(draft, line, number)
    if rest:
        raise _refusal("The last line does not end in a newline: the policy may be cut off", len(lines) + 1)
    if draft.quorum is None:
        raise _refusal("A policy needs a quorum line", max(len(lines), 1))
    quorum = None if draft.quorum == "none" else draft.quorum
    return Policy(data, tuple(draft.logs), tuple(draft.witnesses), tuple(draft.groups), quorum, draft.log_urls)


@dataclass(slots=True)
class _Draft:
    logs: list[VKey] = field(default_factory=list)
    log_urls: dict[VKey, str] = field(default_factory=dict)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    publics: set[bytes] = field(default_factory=set)


def _read_line(draft: _Draft, line: bytes, number: int) -> None:
    if line != line.translate(None, _FOREIGN_BYTES):
        raise _refusal("A policy has a control character other than tab and newline", number)
    words = [word.decode("utf-8", "surrogateescape") for word in line.split()]
    if not words or words[0].startswith("#"):
        return
    directive = _DIRECTIVES.get(words[0])
    if directive is None:
        raise _refusal("A line begins with another word than log, witness, group or quorum", number, words[0])
    try:
        directive(draft, words[1:])
    except (PolicyInvalid, NoteMalformed, WeakKey) as error:
        raise PolicyInvalid(error.what, why=error.why, path=f"line {number}") from error


def _log(draft: _Draft, words: list[str]) -> None:
    _demand(1 <= len(words) <= 2, "A log line is not: log <vkey> [<url>]")
    vkey = _vkey(draft, words[0], LOG_KEY_TYPES)
    _append(draft.logs, vkey)
    if words[1:]:
        draft.log_urls[vkey] = words[1]


def _witness(draft: _Draft, words: list[str]) -> None:
    _demand(2 <= len(words) <= 3, "A witness line is not: witness <name> <vkey> [<url>]")
    _define(draft, words[0])
    vkey = _vkey(draft, words[1], WITNESS_KEY_TYPES)
    _append(draft.witnesses, Witness(words[0], vkey, *words[2:]))


def _group(draft: _Draft, words: list[str]) -> None:
    _demand(len(words) > 2, "A group line is not: group <name> all|any|<k> <member>...")
    name, rule, *members = words
    for member in members:
        _demand(member in draft.names, "A group lists a name that no line before it defines", member)
        _demand(member not in draft.members, "A name is listed as a member twice", member)
        draft.members.add(member)
    _define(draft, name)
    _append(draft.groups, Group(name, _threshold(rule, len(members)), tuple(members)))


def _quorum(draft: _Draft, words: list[str]) -> None:
    _demand(len(words) == 1, "A quorum line is not: quorum <name>|none")
    _demand(draft.quorum is None, "A policy has a second quorum line")
    _demand(words[0] in draft.names | {"none"}, "The quorum is a name that no line before it defines", words[0])
    draft.quorum = words[0]


_DIRECTIVES: Final[Mapping[str, Callable[[_Draft, list[str]], None]]] = {
    "log": _log,
    "witness": _witness,
    "group": _group,
    "quorum": _quorum,
}


def _vkey(draft: _Draft, word: str, allowed: Iterable[KeyType]) -> VKey:
    vkey = VKey.parse(word)
    _demand(vkey.key_type in allowed, "A key has a type that its role does not use", vkey.key_type.name)
    _demand(vkey.public not in draft.publics, "A public key stands on two lines", vkey.name)
    draft.publics.add(vkey.public)
    return vkey


def _define(draft: _Draft, name: str) -> None:
    _demand(name not in RESERVED_NAMES, "A name is reserved: none, all and any", name)
    _demand(name not in draft.names, "A name is defined twice", name)
    draft.names.add(name)


def _threshold(rule: str, members: int) -> int:
    words = {"all": members, "any": 1}
    if rule not in words:
        lawful = fullmatch(r"[1-9][0-9]{0,8}", rule) is not None and int(rule) <= members
        _demand(lawful, "A threshold is not all, any or a number from 1 to the number of members", rule)
    return words[rule] if rule in words else int(rule)


def _append(rows: list[_T], row: _T) -> None:
    _demand(len(rows) < MAX_OF_EACH, "A policy has more than 128 lines of one sort")
    rows.append(row)


def _demand(holds: bool, what: str, why: str = "") -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise PolicyInvalid(what, why=shown(why)[:200])


def _refusal(what: str, line: int, why: str = "") -> PolicyInvalid:
    return PolicyInvalid(what, why=shown(why)[:200], path=f"line {line}")
