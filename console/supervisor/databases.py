"""Which database is used, and as whom: the embedded one, an administrator's server, or two URLs as given."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from console.supervisor import roles
from console.supervisor.roles import DATABASE, OWNER, RUNTIME, DatabaseUrls

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from console.supervisor.layout import Layout
    from console.supervisor.strongbox import Secrets


def urls_for(environ: Mapping[str, str], layout: Layout, secrets: Secrets, *, may_create: bool) -> DatabaseUrls:
    """Find the two URLs. Connects only when `may_create` and DATABASE_URL stands alone and is new to us."""
    given, owner = environ.get("DATABASE_URL"), environ.get("DATABASE_OWNER_URL")
    if not given:
        return embedded_urls(layout, secrets)
    if owner:
        return DatabaseUrls(runtime=given, owner=owner)
    return _adopted(given, layout.var / "databases.json", secrets, may_create=may_create)


def embedded_urls(layout: Layout, secrets: Secrets) -> DatabaseUrls:
    """URLs of the embedded database, known before it runs."""
    where = quote(str(layout.socket), safe="")
    return DatabaseUrls(
        runtime=f"postgresql://{RUNTIME}:{secrets.runtime_password}@{where}/{DATABASE}",
        owner=f"postgresql://{OWNER}:{secrets.owner_password}@{where}/{DATABASE}",
    )


def _adopted(given: str, memory: Path, secrets: Secrets, *, may_create: bool) -> DatabaseUrls:
    """Swap an administrator's URL for those of the two roles; what was found is remembered by its digest."""
    known: dict[str, dict[str, str | None]] = json.loads(memory.read_text()) if memory.exists() else {}
    digest = hashlib.sha256(given.encode()).hexdigest()
    if digest in known and not may_create:
        return DatabaseUrls(runtime=known[digest]["runtime"] or given, owner=known[digest]["owner"])
    if not may_create:
        return DatabaseUrls(runtime=given, owner=None)
    urls = (
        roles.bootstrap(given, secrets.passwords) if roles.is_admin(given) else DatabaseUrls(runtime=given, owner=None)
    )
    memory.touch(mode=0o600)
    memory.write_text(json.dumps({**known, digest: {"runtime": urls.runtime, "owner": urls.owner}}))
    return urls
