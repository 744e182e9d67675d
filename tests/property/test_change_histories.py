"""Histories of changes by adversaries: whatever they try, in whatever order, only what must be taken is taken.

The recorder of truth (tests/support/change_truth.py) knows what was asked and answered, never a row of the engine. What
was reached is counted, so that the test cannot pass by reaching nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from governance.change.actions.edit import edit_change
from governance.change.actions.hold import hold_change, release_change
from governance.change.actions.settle import settle_change
from governance.change.actions.withdraw import withdraw_change
from governance.change.core.policy import Policy, Tier
from governance.change.core.states import TERMINAL, State
from governance.change.core.verbs import Verb
from governance.change.models import Change, Incident
from governance.identity.models import GroupMember, Person, PersonKey, Tenant
from ledger.errors import RequestError
from ledger.selectors.leaves import EventFilter, events_in
from ledger.selectors.streams import stream
from tests.support.change_restored import as_they_were_cast, ends_as_failed, said_again, steps_with_their_event
from tests.support.change_truth import LIFE, LOCK, Truth, TruthOfChange, truth_of
from tests.support.clones import Clone
from tests.support.governed import CAST, World, world
from tests.support.governed import rule as policy_rule
from tests.support.world import moment, place

POLICY = Policy((
    policy_rule("tenant.state", lock_s=LOCK, life_s=LIFE), policy_rule("emergency.apply", life_s=4 * 3_600, lock_s=0),
    policy_rule("freeze", tier=Tier.EMERGENCY, lock_s=0), policy_rule("thaw", lock_s=0),
    policy_rule("role.grant", lock_s=0),
))  # fmt: skip
WHO = st.sampled_from(sorted(CAST))
STATES = st.sampled_from(["suspended", "disabled", "active"])
ENDS = ("vetoed", "rejected", "withdrawn", "stale", "expired")
GOALS = (
    "thaw applied", "freeze applied", "failed", "ratified", "lapsed", *ENDS, "applied", "lost key", "lost place",
    "lost person", "steps with their event", "said again",
)  # fmt: skip
SHORT = settings(
    max_examples=14, stateful_step_count=25, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)  # fmt: skip


class Histories(RuleBasedStateMachine):
    """One tenant, one change after another, and six people of whom any may be the adversary."""

    it: World
    total: Counter[str]
    losses = 0

    @initialize()
    def begin(self) -> None:
        """A tenant of its own; everybody as they were cast."""
        self.it.pass_time(1)
        self.tenant: Tenant = place(f"t{Tenant.objects.count()}").tenant
        self.truth = Truth({name: truth_of(*cast) for name, cast in CAST.items()})
        self.rows: list[Change] = []

    @property
    def now(self) -> int:
        return int(self.it.now.timestamp())

    @property
    def row(self) -> Change:
        return self.rows[-1]

    @property
    def change(self) -> TruthOfChange:
        return self.truth.changes[-1]

    def body(self, state: str) -> dict[str, Any]:
        return {"tenant": str(self.tenant.public_id), "state": state}

    def tick(self) -> None:
        """Times of the record are whole seconds of the database's clock at least."""
        self.it.pass_time(1)

    def attempt(self, act: Any) -> bool:
        """Whether it was taken; nothing but a refusal may stop it."""
        self.tick()
        try:
            act()
        except RequestError:
            return False
        return True

    @rule(state=STATES, who=WHO)
    def propose(self, state: str, who: str) -> None:
        """Draft and submit."""
        if self.truth.changes and not self.change.ended:
            return
        may = who in {"ada", "ben", "cyd", "dov"} and state != self.truth.state and self.truth.people[who].live
        made: list[Change] = []
        taken = self.attempt(lambda: made.append(self.it.in_review("tenant.state", self.body(state), who)))
        if taken:
            assert may
            self.rows.append(made[0])
            self.truth.changes.append(TruthOfChange(who, "tenant.state", state, self.truth.state, self.now))
            self.truth.reached["proposed"] += 1

    @rule(who=WHO)
    def approve(self, who: str) -> None:
        """Sign an approval, whoever one is."""
        if not self.truth.changes:
            return
        must = self.truth.must_approve(self.change, who, self.now + 1)
        taken = self.attempt(lambda: self.it.say(self.row, Verb.APPROVE, who))
        assert taken == ((must and self.truth.state == self.change.base) or (must and taken))
        if taken:
            assert must
            self.change.approvals[who] = self.now

    @rule(who=WHO)
    def revoke(self, who: str) -> None:
        """Take an approval back."""
        if not self.truth.changes:
            return
        counted = who in self.truth.counting(self.change)
        before = self.truth.complete_since(self.change)
        if self.attempt(lambda: self.it.say(self.row, Verb.REVOKE_APPROVAL, who)):
            assert counted
            del self.change.approvals[who]
            if before is not None and self.truth.complete_since(self.change) is None:
                self.change.stopped = self.now

    @rule(who=WHO, state=STATES)
    def edit(self, who: str, state: str) -> None:
        """Write another text."""
        if not self.truth.changes:
            return

        def act() -> None:
            by = self.it[who].principal(self.it.now)
            edit_change(self.row.key, self.body(state), "Anew.", revision=self.change.revision, by=by,
                        at=moment(self.it.now))  # fmt: skip

        if self.attempt(act):
            assert not self.change.ended
            assert who in {"ada", "ben", "cyd", "dov"}
            self.change.edit(who, state, self.truth.state, self.now)
            assert not self.row.words.filter(revision=self.change.revision).exists()

    @rule(who=WHO, how=st.sampled_from([Verb.REJECT, Verb.VETO, None]))
    def end(self, who: str, how: Verb | None) -> None:
        """Reject, veto or withdraw."""
        if not self.truth.changes:
            return
        names = {Verb.REJECT: "rejected", Verb.VETO: "vetoed", None: "withdrawn"}
        at = moment(self.it.now)
        act = (
            (lambda: withdraw_change(self.row.key, by=self.it[who].principal(self.it.now), at=at))
            if how is None else (lambda: self.it.say(self.row, how, who))
        )  # fmt: skip
        if self.attempt(act):
            assert not self.change.ended
            self.truth.end(self.change, names[how])

    @rule(who=WHO)
    def hold(self, who: str) -> None:
        """Stop it, or let it go on."""
        if not self.truth.changes:
            return
        by, at = self.it[who].principal(self.it.now), moment(self.it.now)
        if self.change.is_held:
            if self.attempt(lambda: release_change(self.row.key, by=by, at=at)):
                self.change.is_held = False
                self.change.stopped = self.now
        elif self.attempt(lambda: hold_change(self.row.key, "Wait.", by=by, at=at)):
            assert not self.change.ended
            self.change.is_held = True

    @rule(who=st.sampled_from(["ben", "cyd", "dov"]))
    def lose(self, who: str) -> None:
        """Somebody loses key, place or account, in turn; one of three at most, so that work goes on."""
        if sum(not (one.can_sign and one.approves) for name, one in self.truth.people.items() if CAST[name][1]):
            return
        how = ("key", "place", "person")[type(self).losses % 3]
        type(self).losses += 1
        row, person = self.it[who].row, self.truth.people[who]
        if how == "key":
            index = stream("_governance", "changes").size
            PersonKey.objects.filter(kid=self.it[who].kid).update(state="revoked", until=index, revoked_at=self.it.now)
            person.has_key = False
        elif how == "place":
            GroupMember.objects.filter(person=row, revoked__isnull=True).update(revoked=self.it.now)
            person.approves = False
        else:
            Person.objects.filter(pk=row.pk).update(is_active=False)
            person.live = False
        self.truth.reached[f"lost {how}"] += 1

    @rule(hours=st.sampled_from([0.2, 0.99, 1.01, 12, 25]))
    def wait(self, hours: float) -> None:
        """Time goes on."""
        self.it.pass_time(hours * 3_600)

    @rule()
    def somebody_else_moves_the_state(self) -> None:
        """The base moves under the change."""
        self.truth.state = "disabled" if self.truth.state != "disabled" else "active"
        Tenant.objects.filter(pk=self.tenant.pk).update(state=self.truth.state)

    @rule(who=WHO)
    def freeze(self, who: str) -> None:
        """Stop all execution."""
        if self.truth.frozen_by:
            return
        self.tick()
        try:
            row = self.it.draft("freeze", {"scope": "platform", "reason": "Odd."}, who)
            self.it.say(row, Verb.FREEZE, who)
        except RequestError:
            return
        self.truth.frozen_by = who
        self.truth.reached["freeze applied"] += 1

    @rule(who=st.permutations(["ben", "cyd", "dov"]))
    def thaw(self, who: list[str]) -> None:
        """Others let it go on; who froze is not among those who count."""
        if not self.truth.frozen_by:
            return
        able = [one for one in who if self.truth.people[one].can_sign and self.truth.people[one].approves]
        self.tick()
        try:
            row = self.it.in_review("thaw", {"scope": "platform"}, "ada")
            for one in able:
                if one != self.truth.frozen_by:
                    row = self.it.say(row, Verb.APPROVE, one)
            self.tick()
            self.it.say(row, Verb.EXECUTE, "eva")
        except RequestError:
            return
        assert len(set(able) - {self.truth.frozen_by}) >= 2
        self.truth.frozen_by = ""
        self.truth.reached["thaw applied"] += 1

    @rule(who=WHO)
    def execute(self, who: str) -> None:
        """Carry it out, whoever one is, ready or not."""
        if not self.truth.changes:
            return
        self.execute_now(who)

    def execute_now(self, who: str) -> None:
        """What the clock would have done is done first; then the answer is compared with what must be."""
        change = self.change
        self.settled()
        must = self.truth.must_execute(change, who, self.now + 1)
        taken = self.attempt(lambda: self.it.say(self.row, Verb.EXECUTE, who))
        assert taken == must, (taken, change, self.truth.people, self.truth.state, self.now)
        if taken:
            self.truth.state = change.wanted
            self.truth.end(change, "applied")
            assert Tenant.objects.get(pk=self.tenant.pk).state == change.wanted
        self.noticed()

    def settled(self) -> None:
        """Time's own steps, and what they mean to the recorder: a quorum that fell stops the lock."""
        lost = self.truth.complete_since(self.change) is None
        before = Change.objects.get(pk=self.row.pk).state
        self.tick()
        row = settle_change(self.row.key, at=moment(self.it.now))
        if before == State.TIMELOCKED and row.state == State.IN_REVIEW:
            assert lost
            self.change.stopped = self.now
        self.noticed()

    def noticed(self) -> None:
        """Expiry and staleness end the recorder's interest; a stale change is withdrawn by its author."""
        row = Change.objects.get(pk=self.row.pk)
        if row.state == State.EXPIRED and not self.change.ended:
            assert self.now > self.change.begun + LIFE
            self.truth.end(self.change, "expired")
        if row.state == State.STALE and not self.change.ended:
            assert self.truth.state != self.change.base
            self.truth.reached["stale"] += 1
            if self.truth.people[self.change.author].live:
                withdraw_change(row.key, by=self.it[self.change.author].principal(self.it.now), at=moment(self.it.now))
            else:
                self.it.say(row, Verb.VETO, "fay")
            self.truth.end(self.change, "withdrawn")

    @rule(state=STATES)
    def drive(self, state: str) -> None:
        """Straight to the end, as far as the people there are can: so that ends are reached at all."""
        if not self.truth.changes or self.change.ended:
            self.propose(state, "ada")
        if not self.truth.changes or self.change.ended:
            return
        for who in ("ben", "cyd", "dov"):
            if self.truth.must_approve(self.change, who, self.now + 1) and self.truth.state == self.change.base:
                self.approve(who)
        self.it.pass_time(LOCK + 10)
        self.execute_now("eva")

    @rule(state=STATES, how=st.sampled_from(ENDS))
    def conclude(self, state: str, how: str) -> None:
        """The other ends, by who may bring them about."""
        if not self.truth.changes or self.change.ended:
            self.propose(state, "ada")
        if not self.truth.changes or self.change.ended:
            return
        if how == "stale":
            self.somebody_else_moves_the_state()
            self.settled()
        elif how == "expired":
            self.it.pass_time(LIFE + 10)
            self.settled()
        else:
            able = [one for one in ("dov", "ben", "cyd") if self.truth.may_reject(self.change, one)]
            who = {"rejected": (able or ["dov"])[0], "vetoed": "fay", "withdrawn": self.change.author}[how]
            self.end(who, {"rejected": Verb.REJECT, "vetoed": Verb.VETO, "withdrawn": None}[how])

    @rule(ratify=st.booleans())
    def emergency(self, ratify: bool) -> None:  # noqa: FBT001  (Hypothesis gives it by name)
        """Two people at once; then the quorum, or nobody."""
        if self.truth.frozen_by or self.truth.state == "disabled":
            return
        able = self.truth.able(self.now)
        body = {"incident": "leak", "type": "tenant.state", "body": self.body("disabled")}
        self.tick()
        row = self.it.draft("emergency.apply", body, "ada")
        self.it.say(row, Verb.EMERGENCY, "eva")
        row = self.it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "fay")
        assert Tenant.objects.get(pk=self.tenant.pk).state == "disabled"
        if ratify and len(able) >= 2:
            for one in able[:2]:
                row = self.it.say(row, Verb.APPROVE, one)
            self.truth.state = "disabled"
        else:
            self.it.pass_time(73 * 3_600)
            row = settle_change(row.key, at=moment(self.it.now))
            Incident.objects.filter(change=row.key, closed__isnull=True).update(closed=self.it.now)
        self.truth.reached[row.state] += 1
        assert Tenant.objects.get(pk=self.tenant.pk).state == self.truth.state

    @rule()
    def fail(self) -> None:
        """Identity refuses the effect at the last moment."""
        able = self.truth.able(self.now)
        if not self.truth.frozen_by and len(able) >= 2:
            self.truth.reached[ends_as_failed(self.it, able[:2])] += 1

    def teardown(self) -> None:
        """Ends are for ever, each step has one event, and everybody is as they were cast for the next history."""
        if not hasattr(self, "truth"):
            return
        self._last_act()
        for row, change in zip(self.rows, self.truth.changes, strict=True):
            found = Change.objects.get(pk=row.pk)
            assert (found.state == State.APPLIED) == (change.ended == "applied")
            assert not change.ended or found.state in TERMINAL
            events = events_in(stream("_governance", "changes"), None, 500, EventFilter(subject=row.key))
            assert [one.type for one in events].count("change:effect:executed") == (change.ended == "applied")
            self.truth.reached["steps with their event"] += steps_with_their_event(found)
            self.truth.reached["said again"] += said_again(self.it, found)
        type(self).total.update(self.truth.reached)
        as_they_were_cast(self.it, self.truth)

    def _last_act(self) -> None:
        """What is still missing among all histories so far is tried at the end of this one, as anybody could try it."""
        missing = [goal for goal in GOALS if not (self.total + self.truth.reached)[goal]]
        for goal in missing[:3]:
            if goal in ENDS:
                self.conclude("suspended" if self.truth.state != "suspended" else "active", goal)
            elif goal == "thaw applied":
                if not self.truth.frozen_by:
                    self.freeze("fay")
                self.thaw(["ben", "cyd", "dov"])
            elif goal == "failed":
                self.fail()
            elif goal in {"ratified", "lapsed"}:
                self.emergency(goal == "ratified")
            elif goal.startswith("lost"):
                self.lose("dov")
            else:
                self.drive("suspended" if self.truth.state != "suspended" else "active")


@pytest.mark.db
def test_whatever_is_tried_only_what_must_be_taken_is_taken(ledger_db: Clone) -> None:
    made = world(POLICY)

    class Here(Histories):
        it = made
        total: Counter[str] = Counter()

    run_state_machine_as_test(Here, settings=SHORT)
    assert [goal for goal in GOALS if not Here.total[goal]] == [], Here.total
