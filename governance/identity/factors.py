"""Second factors and the freshness of a session.

Guarantees what django-otp leaves open: the session key changes when the second factor is given, the session
knows when and how that was, that its key changes with the roles of its holder, and a recovery code signs somebody in
but never counts as fresh.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import django_otp
from django.http import HttpRequest
from django_otp.models import Device
from django_otp_webauthn.models import AbstractWebAuthnCredential

from governance.identity.models.second_factor import RecoveryDevice
from governance.identity.sessions import note_verified

VERIFIED_AT = "otp_verified_at"
ASSURANCE = "otp_assurance"
BEGAN = "session_began"
SEEN = "session_seen"
STANDING = "session_standing"

IDLE_LIMIT = timedelta(minutes=15)
ABSOLUTE_LIMIT = timedelta(hours=8)
STEP_UP_AGE = timedelta(minutes=5)


class Assurance(StrEnum):
    """How the second factor was given, from weak to strong."""

    RECOVERY = "recovery"
    TOTP = "totp"
    PASSKEY = "passkey"

    @property
    def words(self) -> str:
        """For people."""
        return {"recovery": "recovery code", "totp": "authenticator", "passkey": "passkey"}[self.value]

    def reaches(self, wanted: Assurance) -> bool:
        """Whether this is at least as strong as `wanted`."""
        order = list(Assurance)
        return order.index(self) >= order.index(wanted)


def begin_session(request: HttpRequest, now: datetime) -> None:
    """Start the clocks of a session; to be called right after the password was accepted."""
    request.session[BEGAN] = request.session[SEEN] = now.timestamp()


def mark_verified(request: HttpRequest, device: Device, now: datetime) -> None:
    """Remember that `device` was used just now, and give the session a new key.

    A session that somebody planted or read before this moment is worth nothing afterwards.
    """
    django_otp.login(request, device)
    request.session[VERIFIED_AT] = now.timestamp()
    request.session[ASSURANCE] = assurance_of(device).value
    request.session[SEEN] = now.timestamp()
    note_verified(request.session, assurance_of(device).value, now)
    request.session.cycle_key()


def note_standing(request: HttpRequest, standing: str) -> None:
    """Give the session a new key where its holder's roles are not those it was used with before."""
    before = request.session.get(STANDING)
    if before != standing:
        request.session[STANDING] = standing
        if before is not None:
            request.session.cycle_key()


def assurance_of(device: Device) -> Assurance:
    """How strong this kind of device is."""
    if isinstance(device, RecoveryDevice):
        return Assurance.RECOVERY
    return Assurance.PASSKEY if isinstance(device, AbstractWebAuthnCredential) else Assurance.TOTP


def is_verified(request: HttpRequest) -> bool:
    """Whether a second factor was given in this session, however long ago."""
    user = getattr(request, "user", None)
    check = getattr(user, "is_verified", None)
    return user is not None and user.is_authenticated and check is not None and bool(check())


def verified_within(
    request: HttpRequest, max_age: timedelta, now: datetime, wanted: Assurance = Assurance.TOTP
) -> bool:
    """Whether a real second factor (no recovery code), as strong as `wanted` or more, was given within `max_age`."""
    at, given = request.session.get(VERIFIED_AT), request.session.get(ASSURANCE)
    if not is_verified(request) or at is None or given not in list(Assurance):
        return False
    if not Assurance(given).reaches(wanted):
        return False
    return timedelta(0) <= now - datetime.fromtimestamp(at, tz=now.tzinfo) <= max_age


def session_end(request: HttpRequest, now: datetime) -> str | None:
    """Why a session is over at `now` ("idle", "absolute"), or None while it lives."""
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    if began is None or seen is None:
        return None
    if now.timestamp() - seen > IDLE_LIMIT.total_seconds():
        return "idle"
    return "absolute" if now.timestamp() - began > ABSOLUTE_LIMIT.total_seconds() else None
