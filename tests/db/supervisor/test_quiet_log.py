"""The embedded PostgreSQL keeps payloads out of its log."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from console.supervisor.postgres import SETTINGS
from tests.support.server import Server


@pytest.mark.parametrize("name", ["log_min_error_statement", "log_error_verbosity"])
def test_statements_and_details_of_errors_are_not_logged(server: Server, name: str) -> None:
    with psycopg.connect(server.admin_url) as admin:
        found: tuple[Any, ...] | None = admin.execute("SELECT current_setting(%s)", [name]).fetchone()
    if "countersign_admin" in server.admin_url:  # a server that was given has settings of its own
        assert found == (SETTINGS[name],)
    assert SETTINGS[name] in {"panic", "terse"}
