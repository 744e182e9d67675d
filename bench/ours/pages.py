"""P10: every page of the console, asked as a signed-in reader asks, in one process of the product."""

from __future__ import annotations

import bench.ours.product  # isort: skip  # noqa: F401  sets Django up before the ledger is imported

import os
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from bench.pages import Place, addresses
from governance.identity import factors
from governance.identity.actions.create_namespace import create_namespace
from governance.identity.actions.create_person import create_person
from governance.identity.actions.create_tenant import create_tenant
from governance.identity.actions.enrol_totp import enrol_totp
from governance.identity.actions.grant_membership import grant_membership
from governance.identity.core.principal import machine
from governance.identity.core.roles import Role
from governance.identity.models import Authenticator, Person
from governance.identity.moment import Moment
from ledger.selectors import checkpoints
from ledger.selectors.streams import stream
from ledger.services.streams import ensure_platform

NAMESPACE, EMAIL = "bench", "reader@bench.example"
BY = machine("machine:bench")
_held: dict[str, Client] = {}


def prepare() -> None:
    """A tenant that owns the namespace of the streams, and its administrator; once for a database."""
    if Person.objects.filter(email=EMAIL).exists():
        return
    ensure_platform()
    tenant = create_tenant("Bench", NAMESPACE, by=BY, at=_at())
    create_namespace(tenant, NAMESPACE, by=BY, at=_at())
    person = create_person(EMAIL, "Reader", os.urandom(16).hex(), by=BY, at=_at())
    enrol_totp(person, os.urandom(20), by=BY, at=_at())
    grant_membership(person, tenant, Role.TENANT_ADMIN, by=BY, at=_at())


def measure(name: str, count: int) -> dict[str, list[float]]:
    """For each page the seconds of `count` requests, the middle and the 95th of a hundred."""
    told = {}
    for page, url in _urls(name).items():
        _get(client := _client(), url)
        seconds = sorted(_timed(client, url) for _ in range(count))
        told[page] = [statistics.median(seconds), seconds[min(count - 1, int(count * 0.95))]]
    return told


def queries(name: str) -> dict[str, int]:
    """How many queries each page takes."""
    client, told = _client(), {}
    for page, url in _urls(name).items():
        _get(client, url)
        with CaptureQueriesContext(connection) as captured:
            _get(client, url)
        counted = [one for one in captured.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        told[page] = len(counted)
    return told


def _urls(name: str) -> dict[str, str]:
    """The address of each page; a page is called by its name and its query."""
    target = stream(NAMESPACE, name)
    newest = checkpoints.newest(target)
    assert newest is not None
    place = Place(NAMESPACE, name, target.signed_size // 2, target.window_number // 2, newest.size)
    made = [(view, query, reverse(view, kwargs=arguments)) for view, arguments, query in addresses(place)]
    return {f"{view} {query}".strip(): f"{path}?{query}" if query else path for view, query, path in made}


def _timed(client: Client, url: str) -> float:
    begun = time.perf_counter()
    _get(client, url)
    return time.perf_counter() - begun


def _get(client: Client, url: str) -> Any:
    answer = client.get(url, headers={"host": "localhost"})
    assert answer.status_code == 200, (url, answer.status_code)
    return answer


def _client() -> Client:
    """A session with a second factor that was given just now; one for the whole process."""
    if "client" not in _held:
        _held["client"] = Client()
        _held["client"].force_login(Person.objects.get(email=EMAIL))
    client = _held["client"]
    session, now = client.session, timezone.now().timestamp()
    session[DEVICE_ID_SESSION_KEY] = Authenticator.objects.get(user__email=EMAIL).persistent_id
    session[factors.VERIFIED_AT] = session[factors.BEGAN] = session[factors.SEEN] = now
    session[factors.ASSURANCE] = factors.Assurance.TOTP.value
    session.save()
    return client


def _at() -> Moment:
    return Moment(datetime.now(UTC), os.urandom)
