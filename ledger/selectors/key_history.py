"""Every key that a stream ever had, with the leaves for which each is valid.

Of a private half it is only said whether it is held.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core.note import make_vkey
from ledger.models import SigningKey
from ledger.models.key import KeyUse
from ledger.selectors.streams import StreamView


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key, valid for leaves `valid_from` <= index < `valid_to` (None: in force). `vkey` of checkpoint keys alone."""

    use: str
    name: str
    kid: str
    public: bytes
    vkey: str
    valid_from: int
    valid_to: int | None
    private_held: bool

    @property
    def in_force(self) -> bool:
        """Whether it signs now."""
        return self.valid_to is None


def keys_of(stream: StreamView) -> list[KeyView]:
    """The keys of all uses: by use, the newest first."""
    rows = SigningKey.objects.filter(stream_id=stream.id).order_by("use", "-valid_from", "-id")
    return [_view(row) for row in rows]


def _view(row: SigningKey) -> KeyView:
    public = bytes(row.public)
    vkey = str(make_vkey(row.name, public)) if row.use == KeyUse.CHECKPOINT else ""
    return KeyView(row.use, row.name, row.kid, public, vkey, row.valid_from, row.valid_to, row.sealed is not None)
