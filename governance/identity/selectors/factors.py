"""A person's second factors: which there are, and how their page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django_otp import devices_for_user
from django_otp.models import Device
from django_otp_webauthn.models import AbstractWebAuthnCredential, WebAuthnCredential

from governance.identity.core.authenticators import model_name
from governance.identity.core.person_keys import KeyState
from governance.identity.models.person import Person
from governance.identity.models.second_factor import RecoveryCode, RecoveryDevice
from governance.identity.models.signing_passkey import SigningPasskey


@dataclass(frozen=True, slots=True)
class FactorView:
    """A confirmed factor; `synced` tells of a passkey that its maker keeps in other places too, `model` which
    authenticator made it ('' where it is not known).
    """

    id: str
    kind: str
    name: str
    created: datetime | None
    last_used: datetime | None
    synced: bool
    model: str = ""


def real_factors(person: Person) -> list[Device]:
    """The confirmed second factors of a person; recovery codes are none."""
    return [one for one in devices_for_user(person) if not isinstance(one, RecoveryDevice)]


def factors_of(person: Person) -> tuple[FactorView, ...]:
    """The same as a page shows them."""
    return tuple(map(_view, real_factors(person)))


def has_passkey(person: Person) -> bool:
    """Whether any passkey is enrolled."""
    return bool(WebAuthnCredential.objects.filter(user=person, confirmed=True).exists())


def of_other_models(allowed: Iterable[str]) -> int:
    """How many registered passkeys, factors and those that open keys, are of none of these models (AAGUIDs)."""
    models = [*allowed]
    factors = WebAuthnCredential.objects.filter(confirmed=True, user__is_active=True).exclude(aaguid__in=models)
    openers = SigningPasskey.objects.exclude(key__state=KeyState.REVOKED.value).exclude(aaguid__in=models)
    return int(factors.count() + openers.count())


def codes_left(person: Person) -> int:
    """How many recovery codes are unused."""
    return RecoveryCode.objects.filter(device__user=person, device__confirmed=True).count()


def _view(device: Device) -> FactorView:
    passkey = isinstance(device, AbstractWebAuthnCredential)
    return FactorView(
        id=device.persistent_id,
        kind="passkey" if passkey else "authenticator",
        name=device.name or "passkey",
        created=device.created_at,
        last_used=device.last_used_at,
        synced=passkey and bool(device.backup_state),
        model=model_name(str(device.aaguid)) if passkey else "",
    )
