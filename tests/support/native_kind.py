"""A kind of change that lists native artefacts, for tests: a suspension with a contract and an epoch beside it."""

# ruff: noqa: ARG002  (arguments of a protocol)
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from governance.change.core import native
from governance.change.core.native import NATIVE_FIELD, NativeMade
from governance.change.core.native_forms import EPOCH, NULLSPEC
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying
from governance.change.types.native import NativeSigner
from governance.change.types.tenant_state import TenantStateChange
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.nullspec import Contract, Dirichlet, DiscreteBuckets
from ledger.core.fields import Schema
from ledger.core.types import JSONObject

CONTRACT = Contract(
    "o", b"r" * 32, "h", 10, 2**64 - 1, DiscreteBuckets((0.5, 0.5)), Dirichlet((1.0, 1.0)), None, "ada-native"
).signing_payload()


class WithNative(TenantStateChange):
    """A suspension that also lists a contract of its author and an epoch of its executor."""

    schema: Schema = {**TenantStateChange.schema, "native": NATIVE_FIELD}
    applied: ClassVar[list[tuple[NativeMade, ...]]] = []
    trusted: ClassVar[set[bytes]] = set()

    def payloads(self, base: JSONObject, body: JSONObject, *, signer: NativeSigner | None, at: int) -> Sequence[bytes]:
        if signer is not None and self.trusted and signer.public not in self.trusted:
            raise EffectRefused("The target does not trust this key")
        epoch = EpochControl(2**53 + 1, at, "eva-native").payload()
        return [CONTRACT, epoch if signer is not None and at else native.fixed_form(EPOCH, epoch)]

    def check_native(
        self, base: JSONObject, body: JSONObject, made: Sequence[NativeMade], *, signer: NativeSigner, at: int
    ) -> None:
        if any(one.kind == EPOCH and b'"eva-native"' not in one.payload for one in made):
            raise EffectRefused("Another name than the target's")

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        return None

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        super().apply(base, body, context=context)
        self.applied.append(context.native)


def listed() -> list[Any]:
    """What its body lists."""
    epoch = EpochControl(2**53 + 1, 0, "x").payload()
    return [native.declared(NULLSPEC, "author", CONTRACT), native.declared(EPOCH, "executor", epoch)]
