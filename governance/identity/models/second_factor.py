"""Second factors at rest: an authenticator's secret sealed, recovery codes as keyed hashes.

Guarantees that whoever reads the tables, a backup or a log of statements can neither compute a code of an
authenticator (RFC 6238) nor sign in with a recovery code: both need a key derived from the seal key, which is
not in the database. A sealed secret opens for its person and its device alone, so rows cannot be swapped.
"""

from __future__ import annotations

import hmac
import time
import uuid
from hashlib import sha256
from typing import ClassVar

from django.db import models
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from ledger.selectors.kept_secrets import kept_keys
from ledger.storage.sealing import associated, derived, derived_keys, seal, unseal

STEP_S, DIGITS, TOLERANCE = 30, 6, 1
SECRETS, CODES = b"identity/totp", b"identity/recovery-codes"


class Authenticator(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc]  # published without types
    """A time-based authenticator: SHA-1, 6 digits, 30 s. `last_t` is the last step whose code was taken."""

    public_id = models.UUIDField(unique=True, editable=False)
    sealed = models.BinaryField()
    drift = models.SmallIntegerField(default=0)
    last_t = models.BigIntegerField(default=-1)

    class Meta:
        db_table = "identity_authenticator"

    def keep(self, secret: bytes, nonce: bytes) -> None:
        """Seal `secret` (20 bytes) for this person and device with 24 fresh random bytes; not saved yet."""
        self.sealed = seal(secret, self.about, nonce, SECRETS)

    def verify_token(self, token: str) -> bool:
        """Whether `token` is a code of now, one step earlier or later, not taken before; wrong ones slow down."""
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        if not (token.isascii() and token.isdecimal() and self._takes(int(token))):
            self.throttle_increment(commit=True)
            return False
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> int:
        """Seconds of the first pause."""
        return 1

    def _takes(self, code: int) -> bool:
        clock = TOTP(unseal(bytes(self.sealed), self.about, SECRETS), STEP_S, 0, DIGITS, self.drift)
        clock.time = time.time()
        if not clock.verify(code, TOLERANCE, self.last_t + 1):
            return False
        self.last_t, self.drift = clock.t(), clock.drift
        return True

    @property
    def about(self) -> bytes:
        """What the sealed secret is for: this person and this device."""
        return associated("totp", str(self.user.public_id), self.public_id.bytes)


class RecoveryDevice(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc]  # published without types
    """The set of a person's recovery codes."""

    public_id = models.UUIDField(unique=True, editable=False)

    class Meta:
        db_table = "identity_recoverydevice"

    def keep(self, code: str) -> RecoveryCode:
        """The row of one code; not saved yet."""
        return RecoveryCode(device=self, digest=digest_of(self.public_id, code))

    def verify_token(self, token: str) -> bool:
        """Whether `token` is an unused code; it is taken once, wrong ones slow down."""
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        taken, _ = self.codes.filter(digest__in=digests_of(self.public_id, token)).delete()
        if not taken:
            self.throttle_increment(commit=True)
            return False
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> int:
        """Seconds of the first pause."""
        return 1


class RecoveryCode(models.Model):
    """HMAC-SHA256 of one code of 80 random bits; the row goes when the code is used."""

    id = models.BigAutoField(primary_key=True)
    device = models.ForeignKey(RecoveryDevice, on_delete=models.CASCADE, related_name="codes")
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "identity_recoverycode"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device", "digest"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


def digest_of(device: uuid.UUID, code: str) -> bytes:
    """What is stored of a recovery code: keyed, and bound to its device."""
    return _digest(derived(CODES), device, code)


def digests_of(device: uuid.UUID, code: str) -> list[bytes]:
    """What may be stored of it: under any seal key of the ring, or a key kept from one that was taken away."""
    return [_digest(key, device, code) for key in (*derived_keys(CODES), *kept_keys(CODES))]


def _digest(key: bytes, device: uuid.UUID, code: str) -> bytes:
    return hmac.digest(key, device.bytes + code.encode(), sha256().name)
