"""P1 and P2: a tenant with a stream and a key, and a walk over all that was appended."""

from __future__ import annotations

import bench.ours.product  # isort: skip  # noqa: F401  sets Django up before the ledger is imported

import secrets
from datetime import UTC, datetime
from hashlib import sha256

from django.db import connection
from psycopg import ServerCursor

from governance.identity.actions.create_namespace import create_namespace
from governance.identity.actions.create_system_key import create_system_key
from governance.identity.actions.create_tenant import create_tenant
from governance.identity.core.principal import Scope, machine
from governance.identity.moment import Moment
from ledger.models import KeyUse
from ledger.selectors.keys import key_in_force
from ledger.selectors.streams import stream
from ledger.services.streams import create_stream, ensure_platform

_BY = machine("machine:bench")


def found(name: str) -> dict[str, str]:
    """Found all of it; returns the path that takes events, a token, and the public key of receipts in hex."""
    ensure_platform()
    at = Moment(datetime.now(UTC), secrets.token_bytes)
    for name_of_ours in ("_governance", "_platform", "_system"):
        create_namespace(None, name_of_ours, by=_BY, at=at)
    tenant = create_tenant("Bench", "bench", by=_BY, at=at)
    namespace = create_namespace(tenant, "bench", by=_BY, at=at)
    target = create_stream("bench", name, actor=_BY.actor)
    issued = create_system_key(namespace, "pipeline", {Scope.APPEND, Scope.READ}, by=_BY, at=at)
    return {
        "path": f"/api/v1/streams/bench/{name}/events/",
        "token": issued.token.reveal(),
        "public": key_in_force(target.id, KeyUse.RECEIPT).public.hex(),
    }


def walk(name: str) -> int:
    """Re-hash every leaf of the stream, follow the chain, and return how many there are."""
    target = stream("bench", name)
    connection.ensure_connection()
    count, before = 0, ""
    with connection.connection.transaction(), ServerCursor(connection.connection, "walk") as cursor:
        cursor.execute("SELECT index, bytes FROM ledger_leaf WHERE stream_id = %s ORDER BY index", [target.id])
        for index, raw in cursor:
            assert index == count
            assert not count or f'"prev":"{before}"'.encode() in bytes(raw)
            before = sha256(b"\0" + bytes(raw)).hexdigest()
            count += 1
    assert target.size == count
    return count
