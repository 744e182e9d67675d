"""The trust sheet: what a reader needs over a second channel, as one page of text.

Guarantees the same text for the same facts, and nothing that a bundle could bring along: log keys, genesis,
policy, the log of decisions and the digest of the verifier, each also in words that can be compared aloud.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.core.canonical import canonical
from ledger.core.short_words import spoken
from ledger.core.types import Hash, JSONObject
from ledger.core.vkey import VKey
from ledger.core.witness_policy import Policy

_SHEET: Final = """\
# Trust sheet of {origin}

Hand this page over by another way than the bundle, and compare the words aloud. A bundle never brings the
keys by which it is judged.

## The log

{keys}
Genesis leaf (pin it in trust.json as `genesis`)

    {genesis}
    {genesis_words}

{decisions}## The policy

Save it as `trust.policy`, or write a stricter one of your own.

{policy}
{witnesses}
And this as `trust.json`:

{trust}
## The verifier

One file for a stock Python 3.11 or later, no packages, no network: `{verifier_name}`. SHA-256

    {verifier}
    {verifier_words}

Or the page saved as one file, for a browser with the network off: `{page_name}`. SHA-256

    {page}
    {page_words}

## How to compare without this server

1. Compare the words above by telephone, on paper or in person with somebody who runs the log, and with
   another reader of it.
2. Compute the verifier's SHA-256 with a tool of your own (`sha256sum`, `certutil -hashfile`), not with the
   verifier.
3. Verify: `python3 -S {verifier_name} {kind} FILE --policy trust.policy --trust trust.json`
4. Keep the head that you saw (`remembered` in trust.json): the next bundle must extend it.
"""
_DECISIONS: Final = """\
## The log of decisions

What governs this log is decided in another one. Leaves that follow a decision name it, and a bundle carries what
proves it: it is judged with the `log` line of this key in `trust.policy`, and with this origin as `governance_origin`
in `trust.json`.

    {origin}

{keys}
Genesis leaf

    {genesis}
    {genesis_words}

"""
_OWN: Final = """\
This is the log of decisions itself: `governance_origin` in `trust.json` is its own origin. An export of it is verified
as `governance`; for the bundles of other logs, its key stands on their sheets too.

"""


@dataclass(frozen=True, slots=True)
class Decisions:
    """The log of decisions, in which what governs a log is decided; it may be that very log."""

    origin: str
    log_keys: Sequence[VKey]
    genesis: Hash


@dataclass(frozen=True, slots=True)
class TrustSheet:
    """The facts of one log: `policy` is the reader's, `verifier` the SHA-256 of the single file, `page`
    that of the saved page, `decisions` the log of decisions of a deployment that was founded.
    """

    origin: str
    log_keys: Sequence[VKey]
    genesis: Hash
    policy: Policy
    verifier: bytes
    verifier_name: str
    page: bytes
    page_name: str
    decisions: Decisions | None = None

    def text(self) -> str:
        """The sheet as Markdown that also reads as plain text."""
        return _SHEET.format(
            origin=self.origin,
            keys="".join(_key("Verifier key", vkey) for vkey in self.log_keys),
            genesis=self.genesis.hex(),
            genesis_words=spoken(self.genesis),
            decisions=self._decisions(),
            policy=_indented(self.policy.text.decode("utf-8", "backslashreplace")),
            trust=_indented(self._trust()),
            kind="governance" if self._is_own() else "bundle",
            witnesses=self._witnesses(),
            verifier=self.verifier.hex(),
            verifier_words=spoken(self.verifier),
            verifier_name=self.verifier_name,
            page=self.page.hex(),
            page_words=spoken(self.page),
            page_name=self.page_name,
        )

    def _is_own(self) -> bool:
        return self.decisions is not None and self.decisions.origin == self.origin

    def _decisions(self) -> str:
        told = self.decisions
        if told is None or self._is_own():
            return _OWN if self._is_own() else ""
        keys = "".join(_key("Verifier key", vkey) for vkey in told.log_keys).rstrip("\n")
        genesis = told.genesis
        return _DECISIONS.format(
            origin=told.origin, keys=f"{keys}\n", genesis=genesis.hex(), genesis_words=spoken(genesis)
        )  # fmt: skip

    def _trust(self) -> str:
        told: JSONObject = {"genesis": self.genesis.hex()}
        if self.decisions is not None:
            told["governance_origin"] = self.decisions.origin
        return canonical(told).decode()

    def _witnesses(self) -> str:
        rows = [_key(f"Witness {witness.name}", witness.vkey) for witness in self.policy.witnesses]
        return "".join(rows) or "Witnesses: none are asked for.\n"


def _key(title: str, vkey: VKey) -> str:
    digest = sha256(vkey.public).digest()
    return f"{title}, and the SHA-256 of its key\n\n    {vkey}\n    {digest.hex()}\n    {spoken(digest)}\n\n"


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
