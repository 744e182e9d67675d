"""Gestures of passkeys beside signed words: over other bytes, elsewhere, by nobody, with a counter that stands."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from governance.change.core.gestures import challenge_of
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Mutation
from tests.corpus.decisions import case, export
from tests.corpus.governed import WHO, founded, key_json, proposal

MUTATIONS: list[Mutation] = []
INVALID = "decision_invalid"
PAGE = "https://sign.example.org"
FLAGS_AT = 32


def unpadded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def gesture(
    signed: bytes, count: int = 1, *, origin: str = PAGE, party: str | None = None, flags: int = 0b101,
    client: dict[str, str] | None = None, **told: JSON,
) -> JSONObject:  # fmt: skip
    """What a record keeps of a gesture over these bytes; `client` and `told` replace parts of it."""
    asked = {"type": "webauthn.get", "challenge": challenge_of(signed), "origin": origin, **(client or {})}
    host = origin.partition("://")[2].partition(":")[0] if party is None else party
    data = hashlib.sha256(host.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")
    return {
        "credential": "cc" * 32, "authenticator_data": unpadded(data),
        "client_data": unpadded(json.dumps(asked).encode()),
        "signature": unpadded(b"not judged"), "sign_count": count, "uv": True, **told,
    }  # fmt: skip


def keys(*names: str) -> Callable[[str], list[JSON]]:
    """The keys of these people are opened by passkeys."""
    return lambda name: [{**key_json(name), "custody": "passkey" if name in names else "offline"}]


def approved(
    *gestures: Callable[[bytes], JSON], by: str = "cyd", holder: str | None = None
) -> Callable[[], bytes]:  # fmt: skip
    """A change for each of these gestures of `by`; the key of `holder`, or theirs, is opened by a passkey."""

    def build() -> bytes:
        record = founded(keys=keys(holder or by), signers=tuple(one for one in WHO if one != by)[-2:])
        states: list[tuple[str, str]] = [("active", "suspended"), ("suspended", "active")]
        for number, made in enumerate(gestures, 1):
            record.witness = {by: made}
            base, result = ({"state": state} for state in states[(number - 1) % 2])
            change = proposal(record, number, base=base, result=result).submitted()
            change.executed([change.approved("ben"), change.approved("cyd", "timelocked")])
        return export(record)

    return build


def once(**more: Any) -> Callable[[], bytes]:
    return approved(lambda signed: gesture(signed, **more))


def counted(*counts: int, **more: Any) -> Callable[[], bytes]:
    return approved(*(lambda signed, count=count: gesture(signed, count, **more) for count in counts))


def shared() -> bytes:
    """One passkey opens the keys of ben and cyd."""
    record = founded(keys=keys("ben", "cyd"), signers=("ann", "eva"))
    record.witness = {"ben": lambda it: gesture(it, 1), "cyd": lambda it: gesture(it, 2)}
    change = proposal(record).submitted()
    change.executed([change.approved("ben"), change.approved("cyd", "timelocked")])
    return export(record)


def nothing(_: bytes) -> None:
    return None


CASES: list[Case] = [
    case("passkey", "An approval by a key that a passkey opens, with its gesture.", once()),
    case("passkey-at-a-port", "The signing page stands on a port of its own.", once(origin="http://localhost:8443")),
    case("passkey-counts", "A counter that moves on.", counted(3, 9)),
    case("passkey-without-a-counter", "A passkey that counts nothing tells 0 for ever.", counted(0, 0)),
    case("passkey-missing", "An approval by such a key without a gesture.", approved(nothing), INVALID),
    case("passkey-missing-at-execution", "An execution by such a key without a gesture.", approved(nothing, by="eva"),
         INVALID),
    case("passkey-challenge", "The gesture was asked for other bytes.",
         once(client={"challenge": challenge_of(b"other")}), INVALID),
    case("passkey-other-ceremony", "The gesture of a registration.", once(client={"type": "webauthn.create"}), INVALID),
    case("passkey-origin", "The page's origin is not of the relying party.",
         once(origin="https://sign.example.net", party="sign.example.org"), INVALID),
    case("passkey-origin-malformed", "An origin that is none.", once(origin="sign.example.org"), INVALID),
    case("passkey-moved", "A gesture of another relying party than the one before.",
         approved(lambda it: gesture(it, 1), lambda it: gesture(it, 2, origin="https://sign.example.net")), INVALID),
    case("passkey-unverified", "A touch, with nobody verified.", once(flags=0b001), INVALID),
    case("passkey-counter-told", "The counter that is told is not the passkey's.", once(sign_count=7), INVALID),
    case("passkey-counter-stands", "The counter of the second gesture is that of the first.", counted(5, 5), INVALID),
    case("passkey-counter-goes-back", "The counter goes back: there is a copy of the passkey.", counted(9, 3), INVALID),
    case("passkey-counter-ends", "A passkey that counted counts no more.", counted(9, 0), INVALID),
    case("passkey-replaced", "The key is opened by another passkey than before.",
         approved(lambda it: gesture(it, 1), lambda it: gesture(it, 2, credential="dd" * 32)), INVALID),
    case("passkey-shared", "One passkey opens the keys of two approvers.", shared, INVALID),
    case("passkey-malformed", "A gesture without authenticator data.", once(authenticator_data=None), INVALID),
    case("passkey-cut-short", "Authenticator data of 36 bytes.", once(authenticator_data=unpadded(bytes(36))), INVALID),
    case("passkey-no-client-data", "Client data that are no JSON.", once(client_data=unpadded(b"no")), INVALID),
    case("passkey-of-an-offline-key", "A gesture beside a key that needs none is held all the same.",
         approved(lambda it: gesture(it, client={"challenge": "b"}), holder="ann"), INVALID),
]  # fmt: skip
