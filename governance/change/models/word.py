"""The words of people: verified DSSE envelopes, verbatim, and the nonces under which they were asked for.

Guarantees, with triggers, that a word is written once and stays, and that a nonce is used once and named by a
statement that was issued.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.change.models.change import PERSON, Change


class IssuedStatement(models.Model):
    """A statement that somebody was given to sign; `size` is that of the signed checkpoint it binds."""

    id = models.BigAutoField(primary_key=True)
    nonce = models.CharField(max_length=22, unique=True)
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="statements")
    revision = models.PositiveIntegerField()
    verb = models.CharField(max_length=32)
    person = models.CharField(max_length=PERSON)
    kid = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField()
    issued = models.DateTimeField()
    expires = models.DateTimeField()
    consumed = models.DateTimeField(null=True)

    class Meta:
        db_table = "change_statement"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.verb} by {self.person}"


class Word(models.Model):
    """One verified signature: `envelope` is what was received, `statement` the bytes inside, `index` its event,
    `native` what the person's native key signed in the same gesture.
    """

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="words")
    revision = models.PositiveIntegerField()
    verb = models.CharField(max_length=32)
    person = models.CharField(max_length=PERSON)
    kid = models.CharField(max_length=32)
    nonce = models.CharField(max_length=22, unique=True)
    envelope = models.BinaryField()
    statement = models.BinaryField()
    assertion = models.JSONField(null=True)
    native = models.JSONField(null=True)
    index = models.BigIntegerField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "change_word"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(index__gte=0), name="word_stands_in_the_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} by {self.person}"
