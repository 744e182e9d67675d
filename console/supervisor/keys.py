"""Production does not start while a key in the custody of a demo may sign: files of the demo hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from console.supervisor.programs import ProgramFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEMO = "SELECT count(*) FROM identity_personkey WHERE custody = 'demo' AND state <> 'revoked'"


def refuse_demo_keys(environ: Mapping[str, str]) -> None:
    """Raise ProgramFailed in production where such a key is active or waits."""
    if environ.get("COUNTERSIGN_ENV", "production") != "production":
        return
    with psycopg.connect(environ["DATABASE_URL"]) as connection:
        found = connection.execute(_DEMO).fetchone()
    if found is not None and found[0]:
        told = (
            f"{found[0]} decision keys of a demo are in this database, and their private halves in files of the demo."
        )
        raise ProgramFailed(f"{told} Next: revoke them under COUNTERSIGN_ENV=demo, or begin with an empty database.")
