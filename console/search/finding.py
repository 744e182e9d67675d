"""Looks up what was asked, each kind by its key, within the namespaces of the reader alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.urls import reverse

from console import words
from console.search.told import not_searched, searched
from console.system_access import LOGS, TITLES, reads_log
from governance.identity.core.roles import Capability
from ledger.core.types import Hash
from ledger.selectors import search
from ledger.selectors.acceptances import accepted_from
from ledger.selectors.streams import stream
from ledger.selectors.system_facts import FactQuery, facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from console.search.asked import Asked
    from governance.identity.core.principal import Principal
    from ledger.selectors.acceptances import Accepted
    from ledger.selectors.jobs import JobView
    from ledger.selectors.search import Place

SHOWN = 20
_USES = {"checkpoint": "signs checkpoints", "receipt": "signs receipts", "export": "signs manifests of bundles"}


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the result; `exact` where the whole text named it."""

    title: str
    href: str
    detail: str = ""
    when: datetime | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, under its name."""

    name: str
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and what was looked at for it."""

    groups: tuple[Group, ...] = ()
    searched: tuple[str, ...] = ()
    not_searched: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many hits there are."""
        return sum(len(group.hits) for group in self.groups)

    @property
    def jump(self) -> str:
        """Where the one exact hit is; empty where there is none, or more than one."""
        exact = [hit.href for group in self.groups for hit in group.hits if hit.exact]
        return exact[0] if len(exact) == 1 else ""


@dataclass(frozen=True)
class Finder:
    """One search by one reader; `within` is the stream whose page it was asked from."""

    asked: Asked
    principal: Principal
    within: tuple[str, str] | None = None
    places: dict[int, Place] = field(init=False)

    def __post_init__(self) -> None:
        """Read which streams exist for the reader."""
        object.__setattr__(self, "places", search.places(self.principal.namespaces))

    def found(self) -> Found:
        """Every group that has a hit."""
        readable = self.principal.holding(Capability.READ)
        groups = [*self._streams(), *self._hashes(), *self._names(readable), *self._ids(), *self._actors(readable)]
        return Found(
            tuple(group for group in groups if group.hits),
            searched(self.asked, len(self.places), system=reads_log(self.principal, "events")),
            not_searched(self.principal.namespaces - readable),
        )

    def _streams(self) -> Iterable[Group]:
        asked = self.asked
        if asked.index is not None:
            yield Group("Leaves", [self._leaf(place, asked.index) for place in self._having(asked.index)])
        else:
            part = asked.text.lower()
            fits = [one for one in self.places.values() if part in f"{one.namespace}/{one.name}"]
            yield Group("Streams", [self._stream(one) for one in fits[:SHOWN]])

    def _having(self, index: int) -> list[Place]:
        """Streams that have this leaf: the one that was named, else the one whose page it is, else all."""
        named = self.asked.stream or self.within
        fits = [one for one in self.places.values() if index < one.size]
        here = [one for one in fits if named == (one.namespace, one.name)]
        return (here if self.asked.stream else here or fits)[:SHOWN]

    def _hashes(self) -> Iterable[Group]:
        ids = list(self.places)
        if self.asked.hash is not None:
            wanted = Hash(self.asked.hash)
            leaves = search.leaves_with_hash(ids, wanted, SHOWN)
            yield Group("Leaves", [self._leaf(self.places[one.stream_id], one.index, one.recorded) for one in leaves])
            yield Group("Roots", [*self._roots(wanted)])
            bundles = search.bundles_with(self.principal.namespaces, SHOWN, digest=wanted.hex())
            yield Group("Bundles", [_bundle(one) for one in bundles])
        if self.asked.kid is not None:
            yield Group("Keys", [self._key(one) for one in search.keys_with(ids, self.asked.kid, SHOWN)])

    def _roots(self, wanted: Hash) -> Iterable[Hit]:
        ids = list(self.places)
        for stream_id, number in search.windows_with_root(ids, wanted, SHOWN):
            place = self.places[stream_id]
            yield Hit(f"Window {number:,} of {_title(place)}", _at("window", place, number), "root of the window")
        for stream_id, size in search.checkpoints_with_root(ids, wanted, SHOWN):
            place = self.places[stream_id]
            title = f"Checkpoint of {words.counted(size, 'leaf', 'leaves')} of {_title(place)}"
            yield Hit(title, _at("checkpoint", place, size), "signed root")

    def _names(self, readable: frozenset[str]) -> Iterable[Group]:
        open_ids = [one.id for one in self.places.values() if one.namespace in readable]
        events = search.events_with_id(open_ids, self.asked.text, SHOWN)
        yield Group("Events", [self._leaf(self.places[one.stream_id], one.index, one.recorded) for one in events])
        types = search.streams_with_type(list(self.places), self.asked.text, SHOWN)
        yield Group("Types", [self._type(self.places[one.stream_id], one.newest) for one in types])

    def _ids(self) -> Iterable[Group]:
        if self.asked.uuid is None:
            return
        mine = self.principal.namespaces
        yield Group("Bundles", [_bundle(one) for one in search.bundles_with(mine, SHOWN, public_id=self.asked.uuid)])
        yield Group("Jobs", [_job(one) for one in search.jobs_with(mine, SHOWN, public_id=self.asked.uuid)])

    def _actors(self, readable: frozenset[str]) -> Iterable[Group]:
        if self.asked.actor is None:
            return
        open_ids = [one.id for one in self.places.values() if one.namespace in readable]
        accepted = accepted_from(open_ids, self.asked.actor, SHOWN)
        yield Group("Events accepted from this actor", [self._accepted(one) for one in accepted])
        yield Group("System ledger", [*self._told()])
        mine, actor = self.principal.namespaces, self.asked.actor
        asked = [_bundle(one, exact=False) for one in search.bundles_with(mine, SHOWN, actor=actor)]
        yield Group("Bundles asked for by this actor", asked)
        done = [_job(one, exact=False) for one in search.jobs_with(mine, SHOWN, actor=actor)]
        yield Group("Jobs asked for by this actor", done)

    def _accepted(self, one: Accepted) -> Hit:
        place = self.places[one.stream_id]
        if one.first is None or one.last is None:
            return Hit(
                _title(place), reverse("events", args=(place.namespace, place.name)), "", one.recorded, exact=False
            )
        told = f"Leaf {one.first:,}" if one.first == one.last else f"Leaves {one.first:,} to {one.last:,}"
        count = words.counted(one.count, "event")
        return Hit(f"{told} of {_title(place)}", _at("event", place, one.first), count, one.recorded, exact=False)

    def _told(self) -> Iterable[Hit]:
        """The newest line of each log of the platform that names the actor, with the way to all of them."""
        for of in (of for of in LOGS if reads_log(self.principal, of)):
            href = f"{reverse('system')}?of={of}&q={quote(f'actor:{self.asked.actor}')}"
            for row in facts(stream(*LOGS[of]), FactQuery(actor=str(self.asked.actor)), None, 1):
                yield Hit(TITLES[of], href, f"the newest: {row.summary or row.type}", row.recorded, exact=False)

    def _stream(self, place: Place) -> Hit:
        exact = (place.namespace, place.name) == self.asked.stream
        href = reverse("stream", args=(place.namespace, place.name))
        return Hit(_title(place), href, words.counted(place.size, "leaf", "leaves"), exact=exact)

    def _leaf(self, place: Place, index: int, when: datetime | None = None) -> Hit:
        return Hit(f"Leaf {index:,} of {_title(place)}", _at("event", place, index), when=when)

    def _type(self, place: Place, newest: int) -> Hit:
        address = f"{reverse('events', args=(place.namespace, place.name))}?type={quote(self.asked.text)}"
        return Hit(f"{self.asked.text} in {_title(place)}", address, f"the newest is leaf {newest:,}")

    def _key(self, found: search.KeyFound) -> Hit:
        place = self.places[found.stream_id]
        href = f"{reverse('stream-keys', args=(place.namespace, place.name))}#key-{found.kid}"
        return Hit(f"Key {found.kid[:8]} of {_title(place)}", href, _USES.get(found.use, found.use))


def _title(place: Place) -> str:
    return f"{place.namespace}/{place.name}"


def _at(route: str, place: Place, number: int) -> str:
    return reverse(route, args=(place.namespace, place.name, number))


def _bundle(one: search.BundleFound, *, exact: bool = True) -> Hit:
    title = f"{one.namespace}/{one.stream}, leaves {one.first:,} to {one.last:,}"
    return Hit(title, reverse("bundle", args=(one.public_id,)), "bundle", one.created, exact)


def _job(one: JobView, *, exact: bool = True) -> Hit:
    return Hit(f"{one.kind} in {one.namespace}", reverse("job", args=(one.public_id,)), one.state, one.created, exact)
