"""Take from a shared token bucket, in a transaction of its own that waits for no disk.

Guarantees that two processes never take the same token (row lock) and that a refused request still counts,
since nothing of the caller's transaction is around it. `synchronous_commit` is off for this transaction
alone.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import connection, transaction

from governance.identity.core.bucket import Rate, take
from governance.identity.models.bucket import Bucket


def wait_for(key: str, rate: Rate, now: datetime, cost: float = 1.0) -> int:
    """Take `cost` under `key`; returns the whole seconds to wait, 0 when the caller may go on."""
    hashed = hashlib.sha256(key.encode()).hexdigest()
    with transaction.atomic(durable=False):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        row, _ = Bucket.objects.select_for_update().get_or_create(
            key=hashed, defaults={"level": rate.capacity, "updated": now}
        )
        taken = take(rate, row.level, (now - row.updated).total_seconds(), cost)
        row.level, row.updated = taken.level, max(now, row.updated)
        row.save(update_fields=["level", "updated"])
    return taken.wait


_PER_PERSON_AND_PLACE = Rate(capacity=5, per_second=1 / 60)
_PER_PLACE = Rate(capacity=40, per_second=1 / 6)


def sign_in_wait(step: str, who: str, address: str, now: datetime) -> int:
    """Seconds to wait before another attempt at `step` (password, otp) by `who` from the IP `address`.

    Counts per person and address together and per address alone; never per person alone, so that nobody can
    lock somebody else out from elsewhere.
    """
    return max(
        wait_for(f"{step}:{address}", _PER_PLACE, now),
        wait_for(f"{step}:{address}:{who.strip().lower()}", _PER_PERSON_AND_PLACE, now),
    )
