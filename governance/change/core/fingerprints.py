"""What the people of a genesis read aloud to each other before they sign it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from governance.change.core.possession import words_of
from ledger.core.types import JSONObject


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A key that the genesis gives to `person` (a public id), and the six words of it that their own page shows."""

    person: str
    kid: str
    custody: str
    use: str
    words: str


def fingerprints(body: JSONObject) -> tuple[Fingerprint, ...]:
    """Every key of every person, in the order of the genesis."""
    people = cast("list[JSONObject]", body["people"])
    return tuple(
        _fingerprint(str(one["person"]), key) for one in people for key in cast("list[JSONObject]", one["keys"])
    )


def _fingerprint(person: str, key: JSONObject) -> Fingerprint:
    words = words_of(bytes.fromhex(str(key["public"])))
    return Fingerprint(person, str(key["kid"]), str(key["custody"]), str(key["use"]), words)
