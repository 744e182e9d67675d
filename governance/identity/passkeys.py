"""Passkeys (WebAuthn, level 3) as a second factor, and as the gesture behind each signature.

Guarantees user verification at registration and at every use, challenges that are used once, EdDSA or ES256 alone, and
that an assertion counts for its person, our relying party and our origins only. The views of django-otp-webauthn are
not mounted: one of them registers a first credential for whoever has the password, another asks for a touch instead of
a verified person (governance reference, section 0, finding 3, and section 3).
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from webauthn import base64url_to_bytes, verify_authentication_response, verify_registration_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    bytes_to_base64url,
    encode_cbor,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from governance.identity.core.authenticators import UNTOLD, is_aaguid, is_allowed, model_name
from governance.identity.errors import ModelRefused, StepUpRefused
from governance.identity.models.person import Person
from governance.identity.models.signing_passkey import SigningPasskey
from ledger.core.types import JSONObject

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.sessions.backends.base import SessionBase

REGISTERING, ASSERTING = "passkey_registering", "passkey_asserting"
LIFE_S = 300


class PasskeyHelper(WebAuthnHelper):  # type: ignore[misc]  # published without types
    """Options for the browser: user verification required, a passkey that the device keeps, PRF asked for."""

    def get_discoverable_credentials_preference(self) -> ResidentKeyRequirement:
        """The authenticator keeps it, so that the signing page can use it as well."""
        return ResidentKeyRequirement.PREFERRED

    def get_generate_registration_options_kwargs(self, *, user: Person) -> dict[str, Any]:
        """As usual, with user verification required; where models are listed, browsers are asked not to hide theirs."""
        found: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        found["authenticator_selection"].user_verification = UserVerificationRequirement.REQUIRED
        if settings.COUNTERSIGN_PASSKEY_MODELS:
            found["attestation"] = AttestationConveyancePreference.DIRECT
        return found

    def get_registration_extensions(self) -> dict[str, Any]:
        """Ask for the PRF, by which the signing page wraps keys."""
        return {"credProps": True, "prf": {}}

    def get_generate_authentication_options_kwargs(
        self, *, user: Person | None = None, require_user_verification: bool = True
    ) -> dict[str, Any]:
        """User verification is required, whatever the caller says: a touch is no step-up."""
        del require_user_verification
        found: dict[str, Any] = super().get_generate_authentication_options_kwargs(
            user=user, require_user_verification=True
        )
        return found


@dataclass(frozen=True, slots=True)
class Assertion:
    """A verified gesture, in the form in which a record keeps it: base64url, as the browser sent it."""

    credential: str
    authenticator_data: str
    client_data: str
    signature: str
    sign_count: int

    def to_json(self) -> JSONObject:
        """The fields for a record."""
        return {
            "credential": self.credential, "authenticator_data": self.authenticator_data,
            "client_data": self.client_data, "signature": self.signature, "sign_count": self.sign_count, "uv": True,
        }  # fmt: skip


def challenge_for(signed_bytes: bytes) -> bytes:
    """The challenge under which a passkey confirms exactly these bytes (a DSSE PAE): their SHA-256."""
    return hashlib.sha256(signed_bytes).digest()


def registration_options(request: HttpRequest, person: Person, now: datetime) -> dict[str, Any]:
    """What `navigator.credentials.create` takes; remembers the challenge in the session."""
    options, _ = PasskeyHelper(request).register_begin(person)
    request.session[REGISTERING] = {"challenge": options["challenge"], "at": now.timestamp()}
    return dict(options)


def registered_credential(
    request: HttpRequest, person: Person, data: dict[str, Any], now: datetime
) -> WebAuthnCredential:
    """The credential that the browser made, verified and not saved; raises StepUpRefused or ModelRefused."""
    helper, challenge = PasskeyHelper(request), _taken(request.session, REGISTERING, now)
    try:
        parsed = parse_registration_credential_json(data)
        verified = verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=helper.get_relying_party_domain(),
            expected_origin=helper.get_allowed_origins(),
            require_user_verification=True,
            supported_pub_key_algs=helper.get_supported_key_algorithms(),
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise StepUpRefused("The passkey was not registered", why=_reason(error)) from error
    check_model(verified.aaguid)
    return helper.create_credential(person, verified, parsed, data)


def check_model(aaguid: str) -> None:
    """Raise ModelRefused for a model (its AAGUID) that this deployment does not take."""
    if is_allowed(aaguid, settings.COUNTERSIGN_PASSKEY_MODELS):
        return
    told = "It tells no model." if aaguid == UNTOLD else f"{model_name(aaguid) or 'Its model'}: {aaguid}"
    raise ModelRefused("Passkeys of this model are not taken here", why=told, path="$.credential")


def assertion_options(request: HttpRequest, person: Person, now: datetime) -> dict[str, Any]:
    """What `navigator.credentials.get` takes for signing in or stepping up; remembers the challenge in the session."""
    options, _ = PasskeyHelper(request).authenticate_begin(person)
    request.session[ASSERTING] = {"challenge": options["challenge"], "at": now.timestamp()}
    return dict(options)


def asserted_credential(
    request: HttpRequest, person: Person, data: dict[str, Any], now: datetime
) -> WebAuthnCredential:
    """The credential of `person` that answered the challenge of this session, once; raises StepUpRefused."""
    row, _ = _verified(person, data, _taken(request.session, ASSERTING, now), now)
    return row


def verify_assertion(person: Person, assertion: dict[str, Any], signed_bytes: bytes, now: datetime) -> Assertion:
    """The gesture of `person` over exactly `signed_bytes` (the PAE that their key signs), in the caller's transaction.

    `assertion` is `PublicKeyCredential.toJSON()` of a factor of theirs. Origin, relying party, user verification,
    challenge, signature and the counter are checked, and the counter is moved on. Raises StepUpRefused.
    """
    _need_transaction()
    row, count = _verified(person, assertion, challenge_for(signed_bytes), now)
    response = assertion["response"]
    return Assertion(
        credential=row.credential_id_sha256,
        authenticator_data=str(response["authenticatorData"]),
        client_data=str(response["clientDataJSON"]),
        signature=str(response["signature"]),
        sign_count=count,
    )


def verify_signing_gesture(person: Person, kid: str, assertion: dict[str, Any], signed_bytes: bytes) -> Assertion:
    """The gesture that opened the key `kid` of `person` on the signing page, over exactly `signed_bytes`; as above.

    `assertion` is `{"id", "authenticator_data", "client_data_json", "signature"}` in base64; the relying party is the
    host of the signing page. Raises StepUpRefused.
    """
    _need_transaction()
    rows = SigningPasskey.objects.select_for_update(of=("self",)).filter(key__kid=kid, key__person=person)
    row, sent = rows.first(), _octets(assertion)
    if row is None or row.credential != hashlib.sha256(sent["id"]).hexdigest():
        raise StepUpRefused(
            "This passkey is none of this key",
            why="It is not the one that it was enrolled with.",
            next_step="Sign where the key was made, or replace it by a new key under this passkey.",
        )
    data = _as_json(sent)
    judged = _judged(data, challenge_for(signed_bytes), bytes(row.public), row.sign_count, _signing_party())
    row.sign_count = judged.new_sign_count
    row.save(update_fields=["sign_count"])
    told = data["response"]
    return Assertion(
        row.credential, told["authenticatorData"], told["clientDataJSON"], told["signature"], row.sign_count
    )  # fmt: skip


def declared_passkey(told: dict[str, Any]) -> tuple[str, bytes]:
    """Digest and COSE key of `{"id", "public_key" (SPKI), "algorithm"}`, base64, as the signing page tells them.

    Raises StepUpRefused for another algorithm than EdDSA or ES256.
    """
    try:
        spki, digest = b64decode(told["public_key"], validate=True), b64decode(told["id"], validate=True)
        return hashlib.sha256(digest).hexdigest(), _cose(load_der_public_key(spki))
    except (KeyError, TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise StepUpRefused("The passkey's key cannot be read", why=_reason(error)) from error


def declared_model(told: dict[str, Any]) -> str:
    """The AAGUID that the signing page tells of the passkey that it made, UNTOLD for none; raises ModelRefused."""
    found = str(told.get("aaguid") or UNTOLD)
    if not is_aaguid(found):
        raise ModelRefused("The passkey's model cannot be read", why=ascii(found)[:80], path="$.credential.aaguid")
    check_model(found)
    return found


def proven_passkey(told: dict[str, Any], gesture: dict[str, Any], signed_bytes: bytes) -> tuple[str, bytes]:
    """The same, once the passkey has shown that it is there: `gesture` over the bytes that the new key signed.

    Raises StepUpRefused.
    """
    digest, public = declared_passkey(told)
    sent = _octets(gesture)
    if hashlib.sha256(sent["id"]).hexdigest() != digest:
        raise StepUpRefused("The passkey's answer is another one's")
    _judged(_as_json(sent), challenge_for(signed_bytes), public, 0, _signing_party())
    return digest, public


def _signing_party() -> tuple[str, list[str]]:
    """Relying party and origin of the signing page."""
    origin = str(settings.COUNTERSIGN_SIGN_ORIGIN)
    return urlsplit(origin).hostname or "", [origin]


def _as_json(sent: dict[str, bytes]) -> dict[str, Any]:
    """The signing page's answer in the form of `PublicKeyCredential.toJSON()`."""
    encoded = {name: bytes_to_base64url(value) for name, value in sent.items()}
    response = {
        "authenticatorData": encoded["authenticator_data"], "clientDataJSON": encoded["client_data_json"],
        "signature": encoded["signature"],
    }  # fmt: skip
    return {"id": encoded["id"], "rawId": encoded["id"], "type": "public-key", "response": response}


def _cose(key: object) -> bytes:
    """COSE form (RFC 9053) of an Ed25519 or P-256 key; raises ValueError."""
    if isinstance(key, Ed25519PublicKey):
        return bytes(encode_cbor({1: 1, 3: -8, -1: 6, -2: key.public_bytes_raw()}))
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name == "secp256r1":
        point = key.public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return bytes(encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y}))
    raise ValueError("neither Ed25519 nor P-256")


def _octets(assertion: dict[str, Any]) -> dict[str, bytes]:
    names = ("id", "authenticator_data", "client_data_json", "signature")
    try:
        return {name: b64decode(assertion[name], validate=True) for name in names}
    except (KeyError, TypeError, ValueError) as error:
        raise StepUpRefused("The passkey's answer cannot be read", why=_reason(error)) from error


def _need_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("the counter moves with the decision: verify it in its transaction")


def signing_credentials(person: Person) -> list[str]:
    """The ids (base64url) of a person's passkeys, for the signing page to ask for."""
    rows = WebAuthnCredential.objects.filter(user=person, confirmed=True)
    return [bytes_to_base64url(bytes(one)) for one in rows.values_list("credential_id", flat=True)]


def _verified(
    person: Person, data: dict[str, Any], challenge: bytes, now: datetime
) -> tuple[WebAuthnCredential, int]:  # fmt: skip
    helper = PasskeyHelper(HttpRequest())
    row = _row(person, data)
    party = (helper.get_relying_party_domain(), helper.get_allowed_origins())
    found = _judged(data, challenge, bytes(row.public_key), row.sign_count, party)
    row.sign_count, row.backup_state, row.last_used_at = found.new_sign_count, found.credential_backed_up, now
    row.save(update_fields=["sign_count", "backup_state", "last_used_at"])
    return row, found.new_sign_count


def _judged(
    data: dict[str, Any], challenge: bytes, public: bytes, count: int, party: tuple[str, list[str]]
) -> VerifiedAuthentication:
    """Origin, relying party (`party`), user verification, challenge, signature and counter, or StepUpRefused."""
    try:
        return verify_authentication_response(
            credential=parse_authentication_credential_json(data),
            expected_challenge=challenge,
            expected_rp_id=party[0],
            expected_origin=party[1],
            credential_public_key=public,
            credential_current_sign_count=count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise StepUpRefused("The passkey's answer does not fit", why=_reason(error)) from error


def _row(person: Person, data: dict[str, Any]) -> WebAuthnCredential:
    """Locked, so that two answers with one counter cannot both pass."""
    rows = WebAuthnCredential.objects.select_for_update() if connection.in_atomic_block else WebAuthnCredential.objects
    try:
        digest = WebAuthnCredential.get_credential_id_sha256(base64url_to_bytes(str(data["rawId"])))
    except (ValueError, KeyError, TypeError) as error:
        raise StepUpRefused("The passkey's answer cannot be read", why=_reason(error)) from error
    row = rows.filter(user=person, confirmed=True, credential_id_sha256=digest).first()
    if row is None:
        raise StepUpRefused("This passkey is none of yours", why="It is not registered, or was removed.")
    return row


def _taken(session: SessionBase, name: str, now: datetime) -> bytes:
    """The challenge that was given out, which is used up by this, whatever comes of it."""
    state = session.pop(name, None)
    session.save()
    if state is None or not 0 <= now.timestamp() - float(state["at"]) <= LIFE_S:
        raise StepUpRefused("No passkey was asked for, or too long ago", next_step="Begin again.")
    return base64url_to_bytes(state["challenge"])


def _reason(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
