"""The rows by which a system key may append to a stream, as their versions: what tells that one of them has changed.

Guarantees that every change of the key (state, scopes, secret, namespace), of its namespace, of its tenant or of the
stream's settings gives another answer: PostgreSQL stamps each version of a row with the transaction that wrote it.
"""

from __future__ import annotations

import uuid

from django.db import connection

from ledger.services.append import Grounds

_VERSIONS = """
SELECT key.xmin::text, namespace.xmin::text, tenant.xmin::text, stream.xmin::text
FROM identity_system_key AS key
JOIN identity_namespace AS namespace ON namespace.id = key.namespace_id
LEFT JOIN identity_tenant AS tenant ON tenant.id = namespace.tenant_id
JOIN ledger_stream AS stream ON stream.namespace = %s AND stream.name = %s
WHERE key.public_id = %s
"""


def grounds_of(key: uuid.UUID, namespace: str, name: str) -> Grounds | None:
    """The versions now; None where there is no such key or stream. Ask before the rows themselves are read."""
    values = (namespace, name, key)
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, values)
        row = cursor.fetchone()
    return None if row is None else Grounds(_VERSIONS, values, tuple(row))
