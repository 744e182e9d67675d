"""Proof of possession, as identity keeps it: a new key signed who holds it, what for, and how it is kept.

Guarantees nothing by itself: `governance.change` reads and verifies the statement, because only it knows statements,
and hands this value down.
"""

from __future__ import annotations

from dataclasses import dataclass

from governance.identity.core.person_keys import Custody, KeyUse


@dataclass(frozen=True, slots=True)
class Possession:
    """A statement whose signature verified under `public`; `raw` is the envelope as it was received, `person` the actor
    (`person:<public id>`) that it names, `replaces` the id of the key that ends when this one is activated.
    """

    raw: bytes
    person: str
    kid: str
    public: bytes
    use: KeyUse
    custody: Custody
    replaces: str | None
