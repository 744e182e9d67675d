"""Fill in what the environment leaves out, so that a checkout runs without any configuration.

COUNTERSIGN_ENV=production: keys are never made up, only database URLs are found. COUNTERSIGN_ENV=test:
nothing is touched. Anything else, and nothing at all, means `demo`: secrets are made once and kept in
var/secrets.json, and a head guard in files is made once in var/guard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.supervisor.databases import urls_for
from console.supervisor.layout import Layout
from console.supervisor.strongbox import open_strongbox

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

BOOTSTRAPPING = frozenset({"serve", "demo"})


def complete(environ: MutableMapping[str, str], *, command: str) -> None:
    """Add what `command` needs to `environ`; values that are there already stay.

    `serve` and `demo` also create the roles when DATABASE_URL is an administrator's.
    """
    mode = environ.setdefault("COUNTERSIGN_ENV", "demo")
    if mode == "test":
        return
    layout = Layout.of(environ)
    secrets = open_strongbox(layout.var / "secrets.json")
    if mode == "demo":
        environ.setdefault("DJANGO_SECRET_KEY", secrets.django_secret_key)
        environ.setdefault("COUNTERSIGN_SEAL_KEY", secrets.seal_key)
        environ.setdefault("COUNTERSIGN_PUBLIC_NAME", secrets.public_name)
        # http://localhost has no TLS, and Chromium keeps __Host- cookies for https alone.
        environ.setdefault("COUNTERSIGN_INSECURE_COOKIES", "1")
        environ.setdefault("COUNTERSIGN_MAIL_URL", "console:")
        own = f"file://{layout.guard}"
        if environ.setdefault("COUNTERSIGN_HEAD_GUARD", own) == own:
            _make_guard(layout.guard)
    environ.setdefault("COUNTERSIGN_STATE_DIR", str(layout.var))
    urls = urls_for(environ, layout, secrets, may_create=command in BOOTSTRAPPING)
    environ["DATABASE_URL"] = urls.runtime
    if urls.owner is not None:
        environ["DATABASE_OWNER_URL"] = urls.owner


def _make_guard(place: Path) -> None:
    """Make and mark the directory where there is none; one without its mark is left alone, and refused later."""
    if not place.exists():
        from ledger.storage.guards import FileGuard  # noqa: PLC0415  (its backends are loaded once, not each start)

        FileGuard.initialise(place)
