"""The app `watching`: nothing in it is evidence; all of it is derived from the ledger and may be lost."""

from __future__ import annotations

from django.apps import AppConfig


class WatchingConfig(AppConfig):
    """Label `watching`."""

    name = "governance.watching"
    label = "watching"
    verbose_name = "Health over time and subscriptions"
    default_auto_field = "django.db.models.BigAutoField"
