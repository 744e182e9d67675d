"""Addresses of what belongs together; paths, not hosts, since a proxy may stand between."""

from __future__ import annotations

from django.urls import reverse


def stream_link(namespace: str, name: str) -> str:
    """The stream itself."""
    return reverse("api:stream", args=[namespace, name])


def event_links(namespace: str, name: str, index: int) -> dict[str, str]:
    """What belongs to one leaf."""
    args = [namespace, name, index]
    return {
        "event": reverse("api:event", args=args),
        "receipt": reverse("api:receipt", args=args),
        "proof": reverse("api:proof", args=args),
    }


def stream_links(namespace: str, name: str) -> dict[str, str]:
    """What belongs to one stream."""
    parts = ("events", "checkpoints", "windows", "consistency", "seal")
    return {
        "stream": stream_link(namespace, name),
        **{part: reverse(f"api:{part}", args=[namespace, name]) for part in parts},
    }
