"""Native artefacts: bytes of EvidenceOS that a person signs with their native key in the gesture of a statement.

Guarantees that the statement binds each of them: its body lists kind, who signs, and the SHA-256 of the artefact
without what the executor fixes. An artefact is a closed form of a known kind, in its canonical text; what is signed
(the raw text, or a digest under a domain) is computed from that text and from nothing else. Rule: governance reference,
Decisions (two kinds of key); reference on EvidenceOS, sections 1.2, 1.6, 2.2 and 2.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from governance.change.core.characters import is_hiding, written_out
from governance.change.core.native_forms import DOMAINS, KINDS, NULLSPEC, OPEN, check_form, octets_in, second_in
from governance.change.core.native_text import NativeText, Node, read_text
from governance.change.core.rendering import Line
from governance.change.core.verbs import Verb
from governance.change.errors import NativeDiffers, NativeMalformed, NativeMissing
from ledger.core import ed25519
from ledger.core.fields import Check, closed, hex_hash, list_of, one_of
from ledger.core.short_words import spoken
from ledger.core.types import JSONObject
from ledger.errors import LeafSchema

MOST: Final = 8
CODE_WORDS: Final = 6
AUTHOR, EXECUTOR = "author", "executor"
SIGNED_WITH: Final = {AUTHOR: frozenset({Verb.SUBMIT}), EXECUTOR: frozenset({Verb.EXECUTE, Verb.REVERT})}
NATIVE_FIELD: Check = list_of(
    closed({"kind": one_of(*KINDS), "by": one_of(AUTHOR, EXECUTOR), "sha256": hex_hash}), least=1, most=MOST
)
"""For the closed body of a kind of change: `"native": NATIVE_FIELD`."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a body says of one artefact: `sha256` (hex) is over its fixed form; `by` is author or executor."""

    kind: str
    by: str
    sha256: str

    def is_signed_with(self, verb: Verb) -> bool:
        """Whether a word with this verb carries the artefact's signature."""
        return verb in SIGNED_WITH[self.by]

    def names(self, fixed: bytes) -> bool:
        """Whether this fixed form is the one that is listed."""
        return hashlib.sha256(fixed).hexdigest() == self.sha256


@dataclass(frozen=True, slots=True)
class Artefact:
    """A closed and canonical artefact; `whole` where it has what the executor fixes, and may be signed."""

    kind: str
    text: NativeText
    whole: bool

    @property
    def payload(self) -> bytes:
        """Its bytes."""
        return self.text.whole.encode()

    @property
    def fixed(self) -> bytes:
        """Without what the executor fixes: what the body's digest is over."""
        return self.text.without(OPEN[self.kind]).encode()

    @property
    def to_sign(self) -> bytes:
        """The very bytes under the native signature."""
        domain = DOMAINS.get(self.kind)
        return self.payload if domain is None else hashlib.sha256(domain.encode() + self.payload).digest()

    @property
    def code(self) -> str:
        """Six words of SHA-256 over `to_sign`, the same in every signer."""
        return spoken(hashlib.sha256(self.to_sign).digest(), CODE_WORDS)

    def lines(self) -> tuple[Line, ...]:
        """Every value from its own text, in the order of the text."""
        return tuple(_lines(self.text.root, "", self.kind))


@dataclass(frozen=True, slots=True)
class NativeMade:
    """A native signature as it was handed in; `detached` covers the full form of a NullSpec contract."""

    kind: str
    payload: bytes
    signature: bytes
    detached: bytes | None
    public: bytes


def read_artefact(kind: str, payload: bytes, *, whole: bool = True) -> Artefact:
    """Read one artefact, in its whole or its fixed form; raises NativeMalformed."""
    if kind not in KINDS:
        raise NativeMalformed("No artefact of this kind is known", why=ascii(kind[:80]))
    text = read_text(payload)
    check_form(kind, text.root, whole=whole)
    return Artefact(kind, text, whole or not OPEN[kind])


def read_either(kind: str, payload: bytes) -> Artefact:
    """Read one artefact in whichever of its two forms it has; raises NativeMalformed."""
    has_all = kind in KINDS and read_text(payload).root.members.keys() >= OPEN[kind]
    return read_artefact(kind, payload, whole=has_all)


def declared(kind: str, by: str, payload: bytes) -> JSONObject:
    """The entry of a body's `native` for an artefact, given whole or without what the executor fixes."""
    artefact = read_either(kind, payload)
    return {"kind": kind, "by": by, "sha256": hashlib.sha256(artefact.fixed).hexdigest()}


def fixed_form(kind: str, payload: bytes) -> bytes:
    """A whole payload without what the executor fixes."""
    return read_artefact(kind, payload).fixed


def signed_bytes(kind: str, payload: bytes) -> bytes:
    """What a native key signs of a whole payload."""
    return read_artefact(kind, payload).to_sign


def declarations(body: JSONObject) -> tuple[Declared, ...]:
    """What a body lists; nothing where it has no such field. Raises NativeMalformed."""
    rows = body.get("native")
    if rows is None:
        return ()
    try:
        NATIVE_FIELD(rows)
    except LeafSchema as error:
        raise NativeMalformed(
            "The list of native artefacts is malformed", why=str(error), path="$.change.body.native"
        ) from error
    return tuple(Declared(one["kind"], one["by"], one["sha256"]) for one in cast("list[dict[str, Any]]", rows))


def bound(body: JSONObject, verb: Verb, given: Sequence[tuple[str, bytes]]) -> tuple[tuple[Declared, Artefact], ...]:
    """The artefacts handed over beside a statement, each with what its body lists; raises the refusal of the first
    that is missing, malformed or another one.
    """
    listed = declarations(body)
    if len(given) < len(listed):
        raise NativeMissing("The change lists more artefacts than were handed over", why=f"{len(given)}, {len(listed)}")
    if len(given) > len(listed):
        raise NativeDiffers("The change lists fewer artefacts than came", why=f"{len(given)}, {len(listed)}")
    return tuple((one, _bound(one, verb, place, *given[place])) for place, one in enumerate(listed))


def _bound(listed: Declared, verb: Verb, place: int, kind: str, payload: bytes) -> Artefact:
    if kind != listed.kind:
        raise NativeDiffers("An artefact is of another kind than the change lists", path=f"$.native[{place}]")
    artefact = read_artefact(kind, payload, whole=listed.is_signed_with(verb))
    if not listed.names(artefact.fixed):
        raise NativeDiffers("An artefact is not the one that the change lists", path=f"$.native[{place}]")
    return artefact


def full_form(payload: bytes, signature: bytes) -> bytes:
    """A NullSpec contract as it lies on the disk: its id and the signature in their places, all else as it was."""
    text = read_artefact(NULLSPEC, payload).text
    identity = hashlib.sha256(payload).digest()
    return text.spliced({"nullspec_id": _numbers(identity), "signature_ed25519": _numbers(signature)}).encode()


def check_made(made: NativeMade) -> None:
    """Raise NativeDiffers unless every signature is the key's over exactly what the artefact asks for."""
    artefact = read_artefact(made.kind, made.payload)
    ed25519.check_public(made.public)
    if not ed25519.verify(made.public, artefact.to_sign, made.signature):
        raise NativeDiffers("A native signature does not verify", why=made.kind)
    if (made.detached is not None) is not (made.kind == NULLSPEC):
        raise NativeDiffers("The registry's signature is made over a contract, and over nothing else", why=made.kind)
    whole = b"" if made.detached is None else full_form(made.payload, made.signature)
    if made.detached is not None and not ed25519.verify(made.public, whole, made.detached):
        raise NativeDiffers("The registry's signature does not verify", why=made.kind)


def _numbers(octets: bytes) -> str:
    return "[" + ",".join(str(octet) for octet in octets) + "]"


def _lines(node: Node, path: str, kind: str) -> Iterator[Line]:
    octets = octets_in(kind, path, node)
    if octets is not None:
        yield Line(path, f"bytes {octets.hex()}" if octets else "no bytes")
    elif node.members:
        for name, inner in node.members.items():
            yield from _lines(inner, f"{path}.{name}" if path else name, kind)
    elif node.items:
        for place, inner in enumerate(node.items):
            yield from _lines(inner, f"{path}[{place}]", kind)
    else:
        told = written_out(node.token)
        yield Line(path, f"{told}{second_in(kind, path, node)}", is_hiding(node.token))
