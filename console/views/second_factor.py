"""Which second factors somebody has, and whether a code belongs to one of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.db import transaction
from django_otp import devices_for_user

from governance.identity.factors import Assurance, assurance_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django_otp.models import Device


def has_factor(person: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether anything confirmed is enrolled."""
    return any(True for _ in devices_for_user(person))


def verify(person: AbstractBaseUser | AnonymousUser, token: str, *, recovering: bool) -> Device | None:
    """The device that `token` belongs to. A code is taken once: the rows are locked while it is compared."""
    kind = Assurance.RECOVERY if recovering else Assurance.TOTP
    with transaction.atomic():
        for device in devices_for_user(person, for_verify=True):
            if assurance_of(device) is kind and _allowed(device) and device.verify_token(token):
                return device
    return None


def locked_seconds(person: AbstractBaseUser | AnonymousUser, now: datetime, *, recovering: bool) -> int:
    """Whole seconds until a device of this kind listens again after wrong codes; 0 where one listens now."""
    kind = Assurance.RECOVERY if recovering else Assurance.TOTP
    waits = [_wait(device, now) for device in devices_for_user(person) if assurance_of(device) is kind]
    return min(waits, default=0)


def _wait(device: Device, now: datetime) -> int:
    allowed, told = device.verify_is_allowed()
    return 0 if allowed else max(1, math.ceil((told["locked_until"] - now).total_seconds()))


def _allowed(device: Device) -> bool:
    allowed, _ = device.verify_is_allowed()
    return bool(allowed)
