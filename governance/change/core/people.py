"""People and keys as a decision sees them: values, made from rows or from leaves by whoever asks.

Guarantees that groups and people are named by immutable ids, never by a name that can be given again (R2), and
that a key counts by its place in the record, not by a clock: from the index that activated it up to the index
that took it away. Follows the governance reference, sections 4, 6 and 7 (I10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Custody(StrEnum):
    """Where a private key was declared to live (T0 to T2, and the demo's own)."""

    OFFLINE = "offline"
    PASSKEY = "passkey"
    PASSPHRASE = "passphrase"  # noqa: S105  (the name of a kind of custody)
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A public key of a person. It counts at record indices in [`since`, `until`), `until` None while it lives;
    `active_from` is the POSIX second at which it was activated, for cool-downs.
    """

    kid: str
    public: bytes
    custody: Custody
    since: int
    active_from: int
    until: int | None = None

    def lives_at(self, index: int) -> bool:
        """Whether the key counts for a record at `index`."""
        return self.since <= index and (self.until is None or index < self.until)


@dataclass(frozen=True, slots=True)
class Approver:
    """A person as they are now: approver groups by id, keys, and whether the account is live.

    `unit` is the organisational unit, '' where none is known, since the second `unit_since`; `barred_until` ends a
    cool-down after a reset of the person's factors (POSIX seconds). `began` tells of each group since which second the
    place in it counts without a gap; what was said before counts from there on.
    """

    person: str
    groups: frozenset[str]
    keys: tuple[PersonKey, ...]
    live: bool = True
    unit: str = ""
    barred_until: int = 0
    began: tuple[tuple[str, int], ...] = ()
    unit_since: int = 0

    def counts_from(self, group: str, *, units_apart: bool = False) -> int:
        """Since which second nothing stood against a word of theirs for this group, or, `units_apart`, their unit."""
        began = self.unit_since if units_apart else 0
        return max(self.barred_until, dict(self.began).get(group, 0), began)

    def key(self, kid: str) -> PersonKey | None:
        """The key with this id, whether it still counts or not."""
        return next((key for key in self.keys if key.kid == kid), None)

    def counting_keys(self, index: int, now: int, cool_down_s: int) -> tuple[PersonKey, ...]:
        """The keys that would count for an approval recorded at `index` at second `now`."""
        return tuple(key for key in self.keys if key.lives_at(index) and key.active_from + cool_down_s <= now)


People = Mapping[str, Approver]
"""By person id."""
