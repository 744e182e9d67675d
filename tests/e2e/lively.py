"""A house in which something happens: windows, a bundle, a job, a key, a day of health, notices for both readers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings
from django.utils import timezone

from governance.change.actions.draft import draft_change
from governance.identity.actions.create_system_key import create_system_key
from governance.identity.actions.found_platform import found_platform
from governance.identity.core.principal import Scope
from governance.identity.core.roles import Role
from governance.identity.models import Namespace, Person
from governance.identity.selectors.principals import principal_of_person
from governance.watching.core.buckets import FINE
from governance.watching.core.rules import Kind
from governance.watching.models import Episode, HealthSample, Notice, Subscription
from governance.watching.services.raise_alarms import watch_platform
from governance.watching.services.sweep import sweep
from ledger.core.types import JSONObject
from ledger.health import ROWS
from ledger.services.append import append_events
from ledger.services.exports import request_bundle, run_export
from ledger.services.pauses import set_pause
from ledger.services.profiles import PROFILES
from ledger.services.seal import seal_window
from ledger.services.system_index import index_system
from ledger.services.verifying import request_verify
from tests.e2e.gallery import ADMIN, OPERATOR
from tests.support.evidenceos_registry import EARLIER, HOLDS, registry
from tests.support.governed import POLICY, put_in_force
from tests.web.house import BY, House, at, decision

BUCKETS = 90


def lively(house: House) -> dict[str, str]:
    """Fill the house, with both readers of the gallery. Returns what stands in addresses."""
    found_platform(by=BY, moment=at)
    house.person(Role.PLATFORM_OPERATOR, email=OPERATOR)
    ada = house.person(Role.TENANT_ADMIN, email=ADMIN)
    for window in range(6):
        events = [decision(1_000 * (window + 1) + number) for number in range(11 + window * 37 % 60)]
        append_events(house.fresh(), events, actor=ada.actor)
        seal_window(house.stream.id, reason="request")
    bundle, export = request_bundle(house.fresh(), 0, 60, actor=ada.actor)
    run_export(export.public_id)
    job = request_verify(house.fresh(), "full", actor=ada.actor)
    namespace = Namespace.objects.get(name="acme")
    key = create_system_key(namespace, "scoring", frozenset({Scope.APPEND, Scope.READ}), by=BY, at=at())
    change = _proposed(ada, house)
    _a_day(house, ada)
    _a_pause_that_is_over()
    registry(Path(mkdtemp(dir=settings.COUNTERSIGN_STATE_DIR)).resolve(), epoch_seconds=21_600)
    index_system()
    return {
        "size": str(house.fresh().signed_size), "bundle": str(bundle.public_id), "job": str(job.public_id),
        "key": str(key.key.public_id), "guide": "rotate-a-key", "profile": next(iter(PROFILES)),
        "contract": HOLDS.nullspec_id.hex(), "earlier": EARLIER.nullspec_id.hex(),
        "row": str(house.stream.id), "change": change,
        "person": str(house.person(Role.APPROVER, email="pia@acme.test").public_id),
    }  # fmt: skip


def _proposed(ada: Person, house: House) -> str:
    put_in_force(POLICY)
    principal = principal_of_person(ada, timezone.now())
    assert principal is not None
    body: JSONObject = {
        "person": str(ada.public_id),
        "role": "tenant_viewer",
        "expires": None,
        "group": None,
    }
    body["tenant"] = str(house.acme.public_id)
    return str(draft_change("role.grant", body, "Agreed.", by=principal, at=at()).public_id)


def _a_day(house: House, ada: Person) -> None:
    now = timezone.now()
    for back in range(1, BUCKETS):
        states = dict.fromkeys(ROWS, "pass") | {"witness": "not_evaluated", "completeness": "not_evaluated"}
        states["window"] = "stale" if 20 < back < 24 else "pass"
        start = FINE.start_of(now - back * FINE.length)
        rows = {"states": states, "checks": 30, "events": back * 7 % 60}
        HealthSample.objects.create(stream_id=house.stream.id, span_s=FINE.seconds, start=start, **rows)
    sweep(now)
    _told(house, ada, now - 23 * FINE.length, now - 20 * FINE.length)


def _told(house: House, ada: Person, began: datetime, ended: datetime) -> None:
    stream = house.stream.id
    wish = Subscription.objects.create(
        public_id=at().new_id(), person=ada, namespace="acme", stream_id=stream, kind=Kind.PATH_OFF, minutes=10,
        created=began - timedelta(days=1),
    )  # fmt: skip
    episode = Episode.objects.create(subscription=wish, stream_id=stream, since=began, told=began, ended=ended)
    for begins, what, why, created in (
        (True, "acme/decisions has been off pass for 10 min", "window is stale: 12 events wait for a window.", began),
        (False, "acme/decisions is back: no path is off pass", "It lasted 45 min.", ended),
    ):
        Notice.objects.create(
            public_id=at().new_id(), person=ada, episode=episode, begins=begins, what=what, why=why, created=created,
            read=created if begins else None,
        )  # fmt: skip


def _a_pause_that_is_over() -> None:
    for paused, reason in ((True, "key ceremony"), (False, "the ceremony is over")):
        set_pause(None, paused=paused, reason=reason, actor="machine:test")
        watch_platform(at())
