"""Rotation of the key that seals keys: every sealed secret under the newest key of the ring, in batches.

Guarantees that a secret is opened, sealed anew and opened again before its row is written; that each batch is one
transaction of the role that owns the tables, which says so to the triggers; and that a run which was killed is gone on
with: what is under the newest key already is left alone, so nothing has to be remembered. What was hashed under a
derived key (recovery codes) cannot be hashed anew: that key itself is kept, sealed under the newest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Model

from ledger.models import KeptSecret, SigningKey, Stream
from ledger.selectors.kept_secrets import about_kept
from ledger.selectors.keys import forget
from ledger.services.lookup import USE as LOOKUP
from ledger.storage.sealing import NONCE_BYTES, associated, derived_keys, is_newest, seal, sealed_anew

BATCH = 200
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed secret: where it stands, what it is for, and under which derived key (b"": the seal key)."""

    model: type[Model]
    column: str
    row: int | str
    data: bytes
    about: bytes
    purpose: bytes = b""

    @property
    def is_newest(self) -> bool:
        """Whether nothing has to be done."""
        return is_newest(self.data, self.about, self.purpose)

    def anew(self) -> bytes:
        """The same secret under the newest key; raises KeyUnusable."""
        return sealed_anew(self.data, self.about, os.urandom(NONCE_BYTES), self.purpose)


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many secrets there are, and how many were sealed anew by this run."""

    total: int
    changed: int


def secrets_of_ledger() -> Iterator[Sealed]:
    """Private halves of signing keys, lookup keys of streams, and kept derived keys."""
    for key in SigningKey.objects.filter(sealed__isnull=False).select_related("stream").order_by("pk").iterator():
        about = associated(key.use, key.stream.origin, bytes(key.public))
        yield Sealed(SigningKey, "sealed", key.pk, bytes(key.sealed or b""), about)
    for stream in Stream.objects.order_by("pk").iterator():
        about = associated(LOOKUP, stream.origin)
        yield Sealed(Stream, "lookup_key", stream.pk, bytes(stream.lookup_key), about)
    for kept in KeptSecret.objects.order_by("pk").iterator():
        yield Sealed(KeptSecret, "sealed", kept.name, bytes(kept.sealed), about_kept(kept.name))


def reseal(found: Iterable[Sealed], *, dry_run: bool = False, tell: Tell = lambda _: None) -> Resealed:
    """Seal anew what is not under the newest key; `tell` hears how many are through. Raises KeyUnusable.

    A dry run opens every secret and seals none.
    """
    total = changed = 0
    source = iter(found)
    while batch := list(islice(source, BATCH)):
        old = [one for one in batch if not one.is_newest]
        fresh = [(one, one.anew()) for one in old]
        if fresh and not dry_run:
            _write(fresh)
        total, changed = total + len(batch), changed + len(old)
        tell(total)
    forget()
    return Resealed(total, changed)


def keep_derived(purpose: bytes) -> int:
    """Keep the keys that older seal keys derived for a purpose, sealed under the newest; returns how many are new."""
    older = derived_keys(purpose)[1:]
    made = 0
    for key in older:
        name = f"{purpose.decode()}:{_mark(key)}"
        if not KeptSecret.objects.filter(name=name).exists():
            sealed = seal(key, about_kept(name), os.urandom(NONCE_BYTES))
            KeptSecret.objects.using(_owner()).create(name=name, sealed=sealed)
            made += 1
    return made


def _mark(key: bytes) -> str:
    """A name for a kept key that says nothing of it: where it comes from is told by when it came."""
    return sha256(b"countersign/kept\0" + key).hexdigest()[:16]


def _write(fresh: Sequence[tuple[Sealed, bytes]]) -> None:
    """One batch, by the owner, who says it to the triggers for this transaction alone."""
    alias = _owner()
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SET LOCAL countersign.reseal = 'on'")
        for one, data in fresh:
            rows = one.model._default_manager.using(alias).filter(pk=one.row, **{one.column: one.data})  # noqa: SLF001 - Django's public name for it
            rows.update(**{one.column: data})


def _owner() -> str:
    return "owner" if "owner" in settings.DATABASES else "default"
