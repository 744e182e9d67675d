"""Addresses of what belongs together; paths, not hosts, since a proxy may stand between."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


def stream_link(namespace: str, name: str) -> str:
    """The stream itself."""
    return reverse("api:stream", args=[namespace, name])


def event_links(namespace: str, name: str, index: int) -> dict[str, str]:
    """What belongs to one leaf."""
    leaf = f"{_events(namespace, name)}{index}/"
    return {"event": leaf, "receipt": f"{leaf}receipt/", "proof": f"{leaf}proof/"}


@lru_cache(maxsize=1024)
def _events(namespace: str, name: str) -> str:
    """The address of a stream's events; those of one leaf stand below it (console/api/urls.py)."""
    return reverse("api:events", args=[namespace, name])


def stream_links(namespace: str, name: str) -> dict[str, str]:
    """What belongs to one stream."""
    parts = ("events", "checkpoints", "windows", "consistency", "seal")
    return {
        "stream": stream_link(namespace, name),
        **{part: reverse(f"api:{part}", args=[namespace, name]) for part in parts},
    }
