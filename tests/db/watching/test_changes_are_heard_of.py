"""Everybody whom a change concerns hears of it: in the console, by mail where something waits for them, and once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from governance.change.actions.ask import ask_to_sign
from governance.change.actions.comment import comment_on
from governance.change.actions.escalate import PATIENCE, escalate_asks
from governance.change.actions.hold import hold_change, release_change
from governance.change.actions.settle import settle_change
from governance.change.actions.telling import note_time
from governance.change.core.occasions import Occasion, occasion_of
from governance.change.core.policy import Policy, Tier
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.events import ChangeEvent
from governance.change.models import Ask, Change, Freeze, Telling
from governance.change.selectors.changes import scope_of
from governance.identity.core.roles import Role
from governance.identity.models import GroupMember, Person
from governance.identity.selectors.principals import principal_of_person
from governance.watching.core.hearing import HEARINGS
from governance.watching.models import Notice
from governance.watching.selectors.notices import notices_of
from governance.watching.services.mailing import deliver
from governance.watching.services.raise_alarms import watch_platform
from governance.watching.services.tell_changes import tell_changes
from tests.support.clones import Clone
from tests.support.governed import POLICY, World, refused, rule, world
from tests.support.world import moment, person

pytestmark = pytest.mark.db
DAY = 86_400
KIND = "Suspend, disable or restore a tenant"


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_MAIL = True
    return world(Policy((rule("*", name="everything", life_s=7 * DAY),)))


def heard(it: World, *names: str) -> dict[str, list[str]]:
    """By person the new sentences, after what waits was told."""
    tell_changes(moment(it.now))
    found = {name: _unread(it[name].row) for name in names or it.people}
    Notice.objects.update(read=it.now)
    return {name: told for name, told in found.items() if told}


def _unread(who: Person) -> list[str]:
    rows = Notice.objects.filter(person=who, read__isnull=True).order_by("pk")
    return [row.what.removeprefix(f"{KIND}: ") for row in rows]


def everybody(names: Iterable[str], sentence: str) -> dict[str, list[str]]:
    return {name: [sentence] for name in names}


def test_every_occasion_has_words_and_every_event_that_moves_a_change_an_occasion() -> None:
    assert set(HEARINGS) == set(Occasion)
    silent = {ChangeEvent.DRAFTED, ChangeEvent.SIGNED_IN_ADVANCE, ChangeEvent.INCIDENT_NOTED,
              ChangeEvent.APPROVAL_REVOKED, ChangeEvent.SETTLED, ChangeEvent.KEY_HANDED_OVER}  # fmt: skip
    told = {event for event in ChangeEvent if occasion_of(event, State.IN_REVIEW, State.IN_REVIEW) is not None}
    assert told == set(ChangeEvent) - silent


def test_approvers_hear_of_a_submission_and_its_author_of_the_quorum(it: World) -> None:
    row = it.in_review()
    assert heard(it) == everybody(["ben", "cyd", "dov"], "Ada asks for signatures")
    it.say(row, Verb.APPROVE, "ben")
    assert heard(it) == {"ada": ["Ben approved"]}
    it.say(row, Verb.APPROVE, "cyd")
    assert heard(it) == everybody(["ada", "ben", "eva", "fay"], "all approvals are given")


def test_the_lock_is_told_when_it_is_over_and_only_once(it: World) -> None:
    it.approved(it.in_review())
    heard(it)
    assert note_time(moment(it.now)) == 0
    it.pass_time(3_601)
    assert note_time(moment(it.now)) == 1
    assert note_time(moment(it.now)) == 0
    assert heard(it) == everybody(["ada", "eva", "fay"], "its time lock is over")


def test_an_effect_is_told_to_the_tenant_it_concerns(it: World) -> None:
    viewer = person("vic@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    row = it.approved(it.in_review())
    it.pass_time(3_601)
    heard(it)
    it.say(row, Verb.EXECUTE, "eva")
    assert heard(it) == everybody(["ada", "ben", "cyd"], "it is in force")
    notice = Notice.objects.get(person=viewer)
    assert (notice.what, notice.page) == (f"{KIND}: it is in force", "/account/")
    assert [one.page for one in notices_of(viewer, ())] == ["/account/"]


def test_whoever_reads_changes_is_led_to_the_change_and_nobody_else(it: World) -> None:
    row = it.in_review()
    tell_changes(moment(it.now))
    ben = it["ben"].row
    assert [one.page for one in notices_of(ben, (), scope=scope_of(ben.public_id, it.now))] == [f"/changes/{row.key}/"]
    ben.memberships.update(revoked=it.now)
    assert notices_of(ben, (), scope=scope_of(ben.public_id, it.now + timedelta(seconds=1))) == ()


def test_the_person_concerned_hears_of_a_change_to_their_roles(it: World) -> None:
    body = {"person": str(it["eva"].row.public_id), "role": "author", "tenant": None, "group": None, "expires": None}
    it.in_review("role.grant", body)
    assert heard(it, "eva") == {"eva": ["Grant a role: Ada asks for signatures"]}
    assert "your own roles or keys" in Notice.objects.get(person=it["eva"].row).why


def test_a_hold_says_why_and_its_release_whom_it_waits_for(it: World) -> None:
    row = it.in_review()
    heard(it)
    hold_change(row.key, "Wait for the auditor.", by=it["dov"].principal(), at=moment(it.now))
    assert heard(it) == everybody(["ada", "eva", "fay"], "Dov holds it")
    assert all("Reason: Wait for the auditor." in one.why for one in Notice.objects.filter(what__contains="holds"))
    release_change(row.key, by=it["dov"].principal(), at=moment(it.now))
    assert heard(it) == everybody(["ada", "ben", "cyd"], "Dov released it")


def test_words_that_end_it_are_told_to_author_and_signers(it: World) -> None:
    row = it.in_review()
    it.say(row, Verb.APPROVE, "ben")
    heard(it)
    it.say(row, Verb.REJECT, "cyd")
    assert heard(it) == everybody(["ada", "ben"], "Cyd rejected it")
    other = it.in_review(body={**it.suspend, "state": "disabled"})
    heard(it)
    it.say(other, Verb.VETO, "dov")
    assert heard(it) == {"ada": ["Dov vetoed it"]}


def test_an_end_of_life_is_told_before_and_when_it_has_come(it: World) -> None:
    row = it.in_review()
    heard(it)
    it.pass_time(6 * DAY - 100)
    note_time(moment(it.now))
    assert heard(it, "ada") == {}
    it.pass_time(200)
    note_time(moment(it.now))
    assert heard(it, "ada") == {"ada": ["its life ends soon"]}
    it.pass_time(DAY)
    settle_change(row.key, at=moment(it.now))
    assert heard(it, "ada") == {"ada": ["it has expired"]}


def test_who_is_asked_gets_a_mail_that_says_what_and_approves_nothing(it: World) -> None:
    row = it.in_review()
    heard(it)
    ask_to_sign(row.key, it["ben"].id, by=it["ada"].principal(), at=moment(it.now))
    assert heard(it) == {"ben": ["Ada asks you to sign"]}
    deliver(it.now)
    sent = mail.outbox[-1]
    assert sent.to == ["ben@gov.test"]
    assert sent.subject == f"[Countersign] {KIND}: Ada asks you to sign"
    assert f"/changes/{row.key}/\n" in sent.body
    assert "Nothing is approved by opening a link." in sent.body
    assert not any(word in sent.body for word in ("statement", "approve?", str(it.acme.tenant.public_id)))
    with refused("already_said"):
        ask_to_sign(row.key, it["ben"].id, by=it["ada"].principal(), at=moment(it.now))


def test_an_ask_without_an_answer_is_told_to_others_once(it: World) -> None:
    row = it.in_review()
    ask_to_sign(row.key, it["ben"].id, by=it["ada"].principal(), at=moment(it.now))
    ask_to_sign(row.key, it["cyd"].id, by=it["ada"].principal(), at=moment(it.now))
    it.say(row, Verb.APPROVE, "cyd")
    heard(it)
    it.pass_time(PATIENCE.total_seconds() - 60)
    escalate_asks(at=moment(it.now))
    note_time(moment(it.now))
    assert "Ben was asked to sign and has not answered" not in str(heard(it))
    it.pass_time(61)
    for _ in range(2):
        escalate_asks(at=moment(it.now))
        note_time(moment(it.now))
    assert heard(it) == everybody(["ada", "ben", "dov"], "Ben was asked to sign and has not answered")
    assert Ask.objects.get(person=it["cyd"].id).answered is not None
    assert Ask.objects.get(person=it["ben"].id).escalated is not None


def test_what_is_overtaken_before_it_was_told_is_told_to_nobody(it: World) -> None:
    row = it.in_review()
    ask_to_sign(row.key, it["ben"].id, by=it["ada"].principal(), at=moment(it.now))
    it.say(row, Verb.REJECT, "cyd")
    assert heard(it) == {"ada": ["Cyd rejected it"]}


def test_what_was_rolled_back_is_told_to_nobody(it: World) -> None:
    row = it.in_review()
    heard(it)
    with transaction.atomic():
        comment_on(row.key, "Why on a Friday?", by=it["ben"].principal(), at=moment(it.now))
        transaction.set_rollback(True)
    assert heard(it) == {}
    assert not Telling.objects.filter(told__isnull=True).exists()


def test_a_refused_step_is_told_to_nobody(it: World) -> None:
    row = it.in_review()
    heard(it)
    with refused("role_missing"):
        hold_change(row.key, "No.", by=_viewer(it), at=moment(it.now))
    assert heard(it) == {}


def test_recovery_is_told_to_everybody_who_decides(it: World) -> None:
    watch_platform(moment(it.now))
    assert Notice.objects.count() == 0
    GroupMember.objects.update(revoked=it.now)
    watch_platform(moment(it.now))
    told = Notice.objects.filter(what="This deployment is in RECOVERY: the policy cannot be met")
    assert {one.person.display_name for one in told} == {"Ben", "Cyd", "Dov", "Eva", "Fay"}
    assert {one.mail for one in told} == {"waiting"}
    eva = it["eva"].row
    assert len(notices_of(eva, (), scope=scope_of(eva.public_id, it.now))) == 1


def test_a_freeze_that_lasts_for_three_days_is_told(it: World) -> None:
    Freeze.objects.create(scope="platform", by=it["ben"].id, reason="A leak.", decision="planted", at=it.now)
    watch_platform(moment(it.now + timedelta(hours=71)))
    assert Notice.objects.count() == 0
    watch_platform(moment(it.now + timedelta(hours=73)))
    assert "The freeze of platform has lasted for more than 72 hours" in Notice.objects.values_list("what", flat=True)


def frozen(it: World) -> Change:
    scope = f"tenant:{it.acme.tenant.public_id}"
    return it.say(it.draft("freeze", {"scope": scope, "reason": "A leak."}, "ben"), Verb.FREEZE, "ben")


def later(it: World, since: datetime, hours: float) -> dict[str, list[str]]:
    """What the tasks tell whom, that many hours after the freeze."""
    Notice.objects.update(read=since)
    at = moment(since + timedelta(hours=hours))
    note_time(at)
    tell_changes(at)
    found: dict[str, list[str]] = {}
    for one in Notice.objects.select_related("person").filter(read__isnull=True).order_by("pk"):
        found.setdefault(one.what.partition(": ")[2], []).append(one.person.display_name)
    return found


LASTS, STILL = "it has lasted for more than 72 hours", "it still stands, another day on"
DECIDE = ["Ben", "Cyd", "Dov", "Eva", "Fay"]


def test_a_freeze_escalates_once_after_72_hours_and_again_every_day(ledger_db: Clone) -> None:
    it = world(Policy((*POLICY.rules, rule("freeze", name="freeze", tier=Tier.EMERGENCY, lock_s=0))))
    person("val@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    frozen(it)
    began = Freeze.objects.get().at
    later(it, began, 0)
    assert later(it, began, 71.9) == {}
    assert later(it, began, 72) == {LASTS: ["Val"]}
    assert later(it, began, 72.1) == {}
    assert later(it, began, 95.9) == {}
    for hours in (96, 120, 24 * 45):
        told = later(it, began, hours)
        assert {what: sorted(names) for what, names in told.items()} == {STILL: [*DECIDE, "Val"]}
        assert later(it, began, hours + 23) == {}
    Freeze.objects.update(lifted=began + timedelta(days=46), lifted_decision="planted")
    assert later(it, began, 24 * 60) == {}


def test_a_freeze_that_was_lifted_before_it_could_be_told_is_not_told(ledger_db: Clone) -> None:
    it = world(Policy((*POLICY.rules, rule("freeze", name="freeze", tier=Tier.EMERGENCY, lock_s=0))))
    frozen(it)
    began = Freeze.objects.get().at
    later(it, began, 0)
    note_time(moment(began + timedelta(hours=97)))
    Freeze.objects.update(lifted=began + timedelta(hours=98), lifted_decision="planted")
    assert later(it, began, 98) == {}


def _viewer(it: World) -> Any:
    row = person("val@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    found = principal_of_person(row, it.now)
    assert found is not None
    return found
