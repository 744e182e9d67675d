"""Who there is by the record alone: roles, places, units and keys of people at one place of it.

Guarantees that a place in a group counts only together with the role approver where the group is at home, that a role
in a tenant gives nothing outside of it, and that who left holds nothing. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, cast

from governance.change.core.people import Approver, Custody, PersonKey
from governance.change.core.replay import Replay
from governance.change.core.satisfiable import Staff
from ledger.core.types import JSON, JSONObject
from ledger.core.verify.judging import Said

PERSON_CREATED: Final = "identity:person:created"
UNIT_TOLD: Final = frozenset({PERSON_CREATED, "identity:person:unit_set"})
"""Acts that tell to which unit somebody belongs."""
_AUTHORS: Final = frozenset({"author", "approver", "platform_operator", "tenant_admin"})


@dataclass
class Known(Replay):
    """The replay, and people as it knows them; `homes` are groups' tenants, `times` those of events (s)."""

    times: dict[int, int] = field(default_factory=dict)
    keys: dict[str, tuple[str, PersonKey]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    homes: dict[str, str | None] = field(default_factory=dict)
    places: dict[str, dict[str, int]] = field(default_factory=dict)
    units: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Of each person the organisational unit and since when it is theirs."""
    units_hidden: bool = False
    """Whether something that may name a unit could not be read."""

    def _keep_keys(self, said: Said) -> None:
        """From which index to which a key counted, by the documents that the record gave."""
        live: dict[str, tuple[str, JSONObject]] = {}
        for subject, document in self.documents.items():
            if subject.startswith("person:") and subject.endswith("/keys"):
                rows = cast("list[JSONObject]", document["keys"])
                live |= {str(row["kid"]): (subject.removesuffix("/keys"), row) for row in rows}
        for kid, (person, row) in live.items():
            if kid not in self.keys and row["use"] == "decision":
                public, custody = bytes.fromhex(str(row["public"])), Custody(str(row["custody"]))
                self.keys[kid] = (person, PersonKey(kid, public, custody, said.index, said.at))
        for kid, (person, key) in self.keys.items():
            if kid not in live and key.until is None:
                ended = PersonKey(kid, key.public, key.custody, key.since, key.active_from, said.index)
                self.keys[kid] = (person, ended)

    def _keep_places(self, now: int) -> None:
        """Since when each place counts without a gap: one that has ended by now begins anew where it comes back.

        A place counts with the role approver where its group is at home.
        """
        for subject, document in self.documents.items():
            if subject.startswith("person:") and subject.endswith("/roles"):
                person = subject.removesuffix("/roles")
                where = {place for role, place in self._roles(person, now) if role == "approver"}
                named = map(str, cast("list[JSON]", document["groups"]))
                before = self.places.get(person, {})
                held = [group for group in named if self.homes.get(group) in where]
                self.places[person] = {group: before.get(group, now) for group in held}

    def _keep_units(self, now: int) -> None:
        """Since when each unit that a change gave is theirs."""
        for subject, document in self.documents.items():
            if subject.startswith("person:") and subject.endswith("/unit"):
                self._keep_unit(subject.removesuffix("/unit"), document["unit"], now)

    def _began_in(self, said: Said, payload: JSONObject, *, founded: bool) -> None:
        """The unit with which somebody was entered, once; after the founding no act but a change moves it."""
        person = f"person:{payload['person']}"
        known = person in self.units or f"{person}/roles" in self.documents
        if not (known if said.type == PERSON_CREATED else founded):
            self._keep_unit(person, payload["unit"], said.at)

    def _keep_unit(self, person: str, unit: JSON, now: int) -> None:
        """One that stays began when it began."""
        told = "" if unit is None else str(unit)
        if self.units.get(person, ("", 0))[0] != told:
            self.units[person] = (told, now)

    def _people(self) -> dict[str, Approver]:
        """Everybody as the record knows them at this place."""
        found: dict[str, Approver] = {}
        for subject in self.documents:
            if not (subject.startswith("person:") and subject.endswith("/roles")):
                continue
            person = subject.removesuffix("/roles")
            places = self.places.get(person, {})
            keys = tuple(key for holder, key in self.keys.values() if holder == person)
            live, began = person not in self.gone, tuple(places.items())
            unit, since = self.units.get(person, ("", 0))
            found[person] = Approver(
                person, frozenset(places), keys, live=live, unit=unit, began=began, unit_since=since
            )  # fmt: skip
        return found

    def _roles(self, person: str, now: int) -> set[tuple[str, str | None]]:
        rows = cast("list[JSONObject]", self.documents.get(f"{person}/roles", {"roles": []})["roles"])
        return {
            (str(row["role"]), cast("str | None", row["tenant"]))
            for row in rows if row["expires"] is None or second_of(row["expires"]) > now
        }  # fmt: skip

    def _holds(self, person: str, able: frozenset[str], index: int, *tenants: JSON) -> bool:
        """Whether somebody who is there holds one of these roles on the platform or in `tenants` (none: anywhere).

        Roles on the platform count for every tenant.
        """
        held = {(role, place) for role, place in self._roles(person, self.times[index]) if role in able}
        return person not in self.gone and any(not tenants or place in {None, *tenants} for _, place in held)

    def _staff(self, index: int) -> Staff:
        people = self._people()
        authors = frozenset(one for one in people if self._holds(one, _AUTHORS, index))
        executors = frozenset(one for one in people if self._holds(one, frozenset({"executor"}), index))
        return Staff(tuple(people.values()), authors, executors, index)


def second_of(value: JSON) -> int:
    """A time of a statement in POSIX seconds."""
    return int(datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
