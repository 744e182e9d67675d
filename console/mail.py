"""How mail leaves: COUNTERSIGN_MAIL_URL as Django's settings. Pure."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_OTHERS = {
    "console": "django.core.mail.backends.console.EmailBackend",
    "": "django.core.mail.backends.dummy.EmailBackend",
}
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
TIMEOUT_S = 10


def mail_settings(url: str) -> dict[str, Any]:
    """`smtp://`, `smtp+starttls://` and `smtps://user:password@host:port`, `console:`, or nothing for no mail.

    Raises ValueError for anything else.
    """
    parts = urlsplit(url)
    if parts.scheme in _OTHERS and not parts.netloc and not parts.path:
        return {"EMAIL_BACKEND": _OTHERS[parts.scheme]}
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(url)
    return {
        "EMAIL_BACKEND": _SMTP,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+starttls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": TIMEOUT_S,
    }
