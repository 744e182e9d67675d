"""The client as it is handed out: the one file of the checkout, the same bytes for everybody."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from console.first_use import CLIENT_NAME

__all__ = ["CLIENT_NAME", "client_bytes"]


@cache
def client_bytes() -> bytes:
    """The file; read once in each process."""
    return bytes((settings.BASE_DIR / CLIENT_NAME).read_bytes())
