"""The Django project and every door: pages, API, commands."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Stands last in the order of imports: console -> governance -> ledger."""

    name = "console"
    verbose_name = "Console"
