"""The app `change`: what is proposed, who said what over it, and what became of it."""

from __future__ import annotations

from django.apps import AppConfig


class ChangeConfig(AppConfig):
    """Label `change`."""

    name = "governance.change"
    label = "change"
    verbose_name = "Governed change"
    default_auto_field = "django.db.models.BigAutoField"
