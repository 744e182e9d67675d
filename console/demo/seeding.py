"""The seed: from an empty ledger to everything that the demo tells, one step after the other.

Each step adds only what is missing. A finished seed is known by var/demo.json, whose streams then stand in
the database under the same genesis leaves; with it, a start does nothing but look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from console.demo.carrying import Carrier
from console.demo.cast import TENANTS, cast
from console.demo.computation.decisions import decide, decision_event, override_event
from console.demo.computation.files import known_files
from console.demo.computation.kept import keep
from console.demo.facts import DemoFacts, StreamFacts, UserFacts, read_facts, write_facts
from console.demo.files import Files
from console.demo.filling import Filler
from console.demo.founding import PLATFORM_NAMESPACES, Founder
from console.demo.gathering import Gathered
from console.demo.governing import Governor, founders_row
from console.demo.operating import Operator
from console.demo.plan import CODE_OR_DATA, COMMITS, FILES, PACKAGE_LOG, PACKAGES, PLACES, Place
from console.demo.proposing import Proposer
from console.demo.sources import Found
from console.demo.terminal import Terminal
from ledger.core.event import RawEvent
from ledger.errors import StreamUnknown
from ledger.selectors.keys import log_vkeys
from ledger.selectors.streams import StreamView, stream
from ledger.services.streams import PLATFORM


@dataclass(frozen=True)
class Seed:
    """One seed of one installation, told on `terminal`; `url` is where it will be served."""

    files: Files
    host: str
    url: str
    terminal: Terminal
    founder: Founder
    governor: Governor
    filler: Filler
    carrier: Carrier
    gather: Callable[[], Gathered]

    def run(self) -> DemoFacts:
        """Seed what is missing, then write var/demo.json."""
        facts = self._known() or self._seeded()
        self.carrier.verifier()
        write_facts(self.files.facts, {**facts, "url": self.url})
        return {**facts, "url": self.url}

    def _known(self) -> DemoFacts | None:
        """What an earlier start wrote, if the database and the files still agree with it."""
        facts = read_facts(self.files.facts)
        if facts is None or facts["host"] != self.host:
            return None
        carried = (self.files.good, self.files.tampered, self.files.policy, self.files.trust)
        there = all(path.exists() for path in carried) and all(map(_stands, facts["streams"]))
        return facts if there else None

    def _seeded(self) -> DemoFacts:
        with self.terminal.step("Tenants, people, keys", len(TENANTS) + len(cast()), "entries") as step:
            self.founder.platform()
            for house in TENANTS:
                self.founder.tenant(house)
                step.advance()
            users = []
            for player in cast():
                users.append(self.founder.person(player))
                step.advance()
        keys = [self.founder.key(name) for name in (*(house.slug for house in TENANTS), *PLATFORM_NAMESPACES)]
        self._fill_everything()
        self._govern()
        streams = [told_stream(stream(*name)) for name in (*((p.namespace, p.name) for p in PLACES), *PLATFORM)]
        bundles = self.carrier.carry(stream(CODE_OR_DATA.namespace, CODE_OR_DATA.name))
        return DemoFacts(
            demo=True,
            url=self.url,
            host=self.host,
            users=[self._with_key(user) for user in users],
            keys=keys,
            streams=streams,
            policies=self.carrier.policies(streams),
            bundles=bundles,
        )

    def _with_key(self, user: UserFacts) -> UserFacts:
        path = self.governor.key_file(user["email"])
        return {**user, "key_file": str(path)} if path.exists() else user

    def _govern(self) -> None:
        with self.terminal.step("The founding, and a change at each stage") as step:
            self.governor.found()
            Proposer(self.governor).propose()
            Operator(self.governor, self.files.directory).operate()
            step.note = f"signed by {founders_row('author').display_name} and {founders_row('approver').display_name}"

    def _fill_everything(self) -> None:
        with self.terminal.step("Looking at this machine") as step:
            found = self.gather()
            step.note = found.files.sentence
        self._fill(FILES, found.files)
        self._fill(PACKAGES, found.packages)
        self._fill(COMMITS, found.commits)
        self._fill(PACKAGE_LOG, found.package_log)
        self._decide(found.files.events)

    def _fill(self, place: Place, found: Found) -> None:
        target = self.filler.stream(place.namespace, place.name)
        if found.events:
            self.filler.fill(target, found.events, place.title)
        else:
            self.terminal.skipped(place.title, found.sentence)

    def _decide(self, inventory: Iterable[RawEvent]) -> None:
        with self.terminal.step("Training the model") as step:
            model, decisions = decide(known_files(inventory))
            digest, time = model.digest(), keep(model, self.files.model)
            wrong = sum(one.wrong for one in decisions)
            learned = sum(model.files.values())
            step.note = f"{learned:,} files learned, {len(decisions):,} held out, {wrong:,} of them judged wrongly"
        target = self.filler.stream(CODE_OR_DATA.namespace, CODE_OR_DATA.name, profiles="refuse")
        made = [decision_event(one, digest, time) for one in decisions]
        placed = self.filler.fill(target, made, CODE_OR_DATA.title)
        overrides = [
            override_event(one, event, place.index, digest, time)
            for one, event, place in zip(decisions, made, placed, strict=True)
            if one.wrong
        ]
        if overrides:
            self.filler.fill(target, overrides, "Overrides by authors")


def told_stream(view: StreamView) -> StreamFacts:
    """A stream for scripts: its name in the world, and the key that verifies its checkpoints."""
    return StreamFacts(
        origin=view.origin,
        namespace=view.namespace,
        name=view.name,
        vkey=str(log_vkeys(view.id)[0]),
        genesis=view.log.hex(),
    )


def _stands(facts: StreamFacts) -> bool:
    try:
        return stream(facts["namespace"], facts["name"]).log.hex() == facts["genesis"]
    except StreamUnknown:
        return False
