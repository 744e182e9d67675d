"""A person who signs in: e-mail and password first, then a second factor.

Guarantees that no flag gives rights: `is_staff` opens the read-only administration of the platform and
nothing else, and there is no superuser. Every session of a person ends when `session_epoch` moves on.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac


class PersonManager(BaseUserManager["Person"]):
    """Looks people up by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person who signs in with this e-mail; raises Person.DoesNotExist."""
        return self.get(email=normal_email(username or ""))


def normal_email(text: str) -> str:
    """The one spelling under which an e-mail address is stored and looked up."""
    return text.strip().lower()


class Person(AbstractBaseUser):  # type: ignore[django-manager-missing]  # managers of django-otp have no types
    """One human being, known outside by `public_id`. `unit` is the organisational unit, '' where none is known, and
    theirs since `unit_since`; no decision of theirs counts before `barred_until` (cool-down after a recovery).
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    session_epoch = models.PositiveIntegerField(default=0)
    unit = models.CharField(max_length=100, default="")
    unit_since = models.DateTimeField(null=True)
    barred_until = models.DateTimeField(null=True)
    created = models.DateTimeField()

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        db_table = "identity_person"
        ordering: ClassVar[list[str]] = ["id"]
        verbose_name_plural = "people"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="person_email_is_lower_case"),
            models.CheckConstraint(condition=~models.Q(display_name=""), name="person_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def actor(self) -> str:
        """The opaque name under which the ledger knows this person."""
        return actor_of(self.public_id)

    def get_full_name(self) -> str:
        """The name shown beside a decision."""
        return self.display_name

    def get_short_name(self) -> str:
        """The same name: people choose how they are called."""
        return self.display_name

    def get_session_auth_hash(self) -> str:
        """Changes with the password and with `session_epoch`, and ends every session made before."""
        return self._epoch_hash()

    def _epoch_hash(self, secret: str | bytes | None = None) -> str:
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac("governance.identity.session", value, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: object = None) -> bool:  # noqa: ARG002  (Django's signature)
        """Staff may look at what the administration lists; nobody may add, change or delete there."""
        return self.is_active and self.is_staff and ".view_" in perm

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        """Whether every one of the permissions is held."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:  # noqa: ARG002  (Django's signature)
        """Staff see every app of the administration."""
        return self.is_active and self.is_staff


def actor_of(public_id: uuid.UUID) -> str:
    """`person:<public id>`."""
    return f"person:{public_id}"
