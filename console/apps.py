"""The Django project and every door: pages, API, commands."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Stands last in the order of imports: console -> governance -> ledger."""

    name = "console"
    verbose_name = "Console"

    def ready(self) -> None:
        """Make our Celery application the current one, so that tasks reach our broker from anywhere."""
        from console import celery  # noqa: F401, PLC0415  (it reads settings, which are ready only now)
