"""The app `ledger`: streams, leaves, windows, checkpoints and the jobs that keep them."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The trust core: knows bytes, hashes, keys and opaque namespaces; no user, role or HTTP."""

    name = "ledger"
    label = "ledger"
    verbose_name = "Evidence ledger"
    default_auto_field = "django.db.models.BigAutoField"
