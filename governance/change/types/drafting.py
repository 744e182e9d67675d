"""A body completed by what follows from it: the list of what EvidenceOS wants signed itself.

Guarantees that pages, commands and the API list the same artefacts, which the kind then holds against its own.
"""

from __future__ import annotations

from typing import Final, cast

from governance.change.core.native import declared
from governance.change.types.base import ChangeType
from governance.change.types.native import Native
from ledger.core.types import JSONObject

NOTHING: JSONObject = {"kind": "oracle_record", "by": "executor", "sha256": "0" * 64}
_SIGNS: Final = {
    "nullspec.install": (("nullspec_contract", "author"),),
    "oracle.register": (("oracle_record", "executor"), ("governance_event", "executor")),
    "oracle.ttl": (("oracle_record", "executor"), ("governance_event", "executor")),
    "oracle.calibration": (("oracle_record", "executor"), ("governance_event", "executor")),
    "epoch.advance": (("epoch_control", "executor"), ("governance_event", "executor")),
    "epoch.irregular": (("epoch_control", "executor"), ("governance_event", "executor")),
}


def completed(kind: ChangeType, body: JSONObject) -> JSONObject:
    """The body with its `native`, where its kind lists any; raises EffectRefused where the body means nothing."""
    known: JSONObject = {**body, "native": [NOTHING]}
    if not isinstance(kind, Native):
        return body
    base, signs = kind.base(known, lock=False), cast("Native", kind)
    payloads = signs.payloads(base, known, signer=None, at=0)
    rows = zip(_SIGNS[kind.name], payloads, strict=True)
    return {**body, "native": [declared(name, by, payload) for (name, by), payload in rows]}
