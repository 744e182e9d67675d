"""The app `identity`: it owns the user model and must therefore be migrated first."""

from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Label `identity`, whatever the package is called."""

    name = "governance.identity"
    label = "identity"
    verbose_name = "Identity and tenancy"
    default_auto_field = "django.db.models.BigAutoField"
