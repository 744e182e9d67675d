"""Policies by digest: leaves name a policy by its SHA-256, bundles carry the text (append-only)."""

from __future__ import annotations

from django.db import models


class PolicyText(models.Model):
    """A C2SP tlog-policy, byte for byte; `digest` is its SHA-256 in lowercase hex."""

    digest = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()

    class Meta:
        db_table = "ledger_policytext"

    def __str__(self) -> str:
        return self.digest
