"""Passkeys (WebAuthn, level 3) as a second factor, and as the gesture behind each signature.

Guarantees user verification at registration and at every use, challenges that are used once, EdDSA or ES256 alone, and
that an assertion counts for its person, our relying party and our origins only. The views of django-otp-webauthn are
not mounted: one of them registers a first credential for whoever has the password, another asks for a touch instead of
a verified person (governance reference, section 0, finding 3, and section 3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.http import HttpRequest
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from webauthn import base64url_to_bytes, verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import ResidentKeyRequirement, UserVerificationRequirement

from governance.identity.errors import StepUpRefused
from governance.identity.models.person import Person
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
        """As usual, with user verification required."""
        found: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        found["authenticator_selection"].user_verification = UserVerificationRequirement.REQUIRED
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
    """The credential that the browser made, verified and not saved; raises StepUpRefused."""
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
    return helper.create_credential(person, verified, parsed, data)


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

    `assertion` is `PublicKeyCredential.toJSON()`. Origin, relying party, user verification, challenge, signature and
    the counter are checked, and the counter is moved on. Raises StepUpRefused.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the counter moves with the decision: verify it in its transaction")
    row, count = _verified(person, assertion, challenge_for(signed_bytes), now)
    response = assertion["response"]
    return Assertion(
        credential=row.credential_id_sha256,
        authenticator_data=str(response["authenticatorData"]),
        client_data=str(response["clientDataJSON"]),
        signature=str(response["signature"]),
        sign_count=count,
    )


def signing_credentials(person: Person) -> list[str]:
    """The ids (base64url) of a person's passkeys, for the signing page to ask for."""
    rows = WebAuthnCredential.objects.filter(user=person, confirmed=True)
    return [bytes_to_base64url(bytes(one)) for one in rows.values_list("credential_id", flat=True)]


def _verified(
    person: Person, data: dict[str, Any], challenge: bytes, now: datetime
) -> tuple[WebAuthnCredential, int]:  # fmt: skip
    try:
        parsed = parse_authentication_credential_json(data)
        row = _row(person, parsed.raw_id)
        found = verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=PasskeyHelper(HttpRequest()).get_relying_party_domain(),
            expected_origin=PasskeyHelper(HttpRequest()).get_allowed_origins(),
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise StepUpRefused("The passkey's answer does not fit", why=_reason(error)) from error
    row.sign_count, row.backup_state, row.last_used_at = found.new_sign_count, found.credential_backed_up, now
    row.save(update_fields=["sign_count", "backup_state", "last_used_at"])
    return row, found.new_sign_count


def _row(person: Person, raw_id: bytes) -> WebAuthnCredential:
    """Locked, so that two answers with one counter cannot both pass."""
    rows = WebAuthnCredential.objects.select_for_update() if connection.in_atomic_block else WebAuthnCredential.objects
    digest = WebAuthnCredential.get_credential_id_sha256(raw_id)
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
