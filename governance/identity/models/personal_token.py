"""A personal token: what a person's script presents to read and to draft. It never decides, never appends."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.identity.models.person import Person


class PersonalToken(models.Model):
    """One token of one person; always with an end."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)
    secret_hash = models.BinaryField(max_length=32)
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)
    created = models.DateTimeField()
    last_used = models.DateField(null=True)

    class Meta:
        db_table = "identity_personal_token"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "name"],
                condition=models.Q(revoked__isnull=True),
                name="personal_token_name_once",
            ),
            models.CheckConstraint(
                condition=models.Q(expires__gt=models.F("created")),
                name="personal_token_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name
