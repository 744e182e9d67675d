"""The app `evidenceos`: data directories that are governed, what was written to them, and what was found there."""

from __future__ import annotations

from django.apps import AppConfig


class EvidenceOSConfig(AppConfig):
    """Label `evidenceos`."""

    name = "governance.evidenceos"
    label = "evidenceos"
    verbose_name = "EvidenceOS"
    default_auto_field = "django.db.models.BigAutoField"
