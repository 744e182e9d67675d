"""Kinds of change that list native artefacts: bytes of EvidenceOS that the author or the executor signs beside a word.

Guarantees that what is signed is made by the kind alone, from the change and from who signs; the engine holds it
against the body and verifies the signatures before the kind sees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from governance.change.core.native import NativeMade
from ledger.core.types import JSONObject

__all__ = ["Native", "NativeMade", "NativeSigner"]


@dataclass(frozen=True, slots=True)
class NativeSigner:
    """Whose native key signs: `person:<uuid>`, the key's id, its 32 bytes."""

    person: str
    kid: str
    public: bytes


@runtime_checkable
class Native(Protocol):
    """A kind whose body has the field `native` (`core.native.NATIVE_FIELD`)."""

    def payloads(self, base: JSONObject, body: JSONObject, *, signer: NativeSigner | None, at: int) -> Sequence[bytes]:
        """One payload for each entry of `body["native"]`, in order; without a signer fixed forms will do.

        With one: whole payloads as of unix second `at`, under the name by which the target trusts `signer.public`;
        what this word does not sign is cut to its fixed form afterwards. Raises EffectRefused where it does not.
        """

    def check_native(
        self, base: JSONObject, body: JSONObject, made: Sequence[NativeMade], *, signer: NativeSigner, at: int
    ) -> None:
        """Conditions of the target (name trusted, times newer); forms, digests and signatures were verified before."""
