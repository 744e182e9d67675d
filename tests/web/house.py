"""A small inhabited house for tests of pages: two tenants, people of each kind, one stream each."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import TOTP

from governance.identity import factors
from governance.identity.actions.create_namespace import create_namespace
from governance.identity.actions.create_person import create_person
from governance.identity.actions.create_tenant import create_tenant
from governance.identity.actions.enrol_totp import enrol_totp
from governance.identity.actions.grant_membership import grant_membership
from governance.identity.core.principal import machine
from governance.identity.core.roles import EXPIRING_ROLES, Role
from governance.identity.models import Authenticator, Person, Tenant
from governance.identity.moment import Moment
from ledger.core.event import RawEvent
from ledger.selectors import streams
from ledger.selectors.streams import StreamView
from ledger.services.append import append_events
from ledger.services.seal import seal_window
from ledger.services.streams import create_stream, ensure_platform

PASSWORD = "a long sentence for tests"
SECRET = bytes(range(20))
BY = machine("machine:test")


def at() -> Moment:
    return Moment(datetime.now(UTC), os.urandom)


@dataclass
class House:
    """`acme` and `beta`, each with the stream `decisions`; nobody lives there until asked for."""

    acme: Tenant
    beta: Tenant
    stream: StreamView
    foreign: StreamView

    def person(self, role: Role | None, tenant: Tenant | None = None, email: str = "ada@acme.test") -> Person:
        """Somebody with a password and an authenticator, and the role in acme unless told otherwise."""
        person = create_person(email, email.partition("@")[0].title(), PASSWORD, by=BY, at=at())
        enrol_totp(person, SECRET, by=BY, at=at())
        if role is not None:
            place = None if role in {Role.PLATFORM_OPERATOR, Role.WITNESS_OPERATOR} else tenant or self.acme
            expires = timezone.now() + timedelta(days=23) if role in EXPIRING_ROLES else None
            grant_membership(person, place, role, by=BY, at=at(), expires=expires)
        return person

    def fresh(self) -> StreamView:
        """The stream of acme as it is now."""
        return streams.stream("acme", "decisions")


def inhabited(events: int = 12, *, sealed: bool = True) -> House:
    """Found the house in the test's own database."""
    ensure_platform()
    acme, beta = _tenant("Acme Insurance", "acme"), _tenant("Beta Freight", "beta")
    stream = create_stream("acme", "decisions", actor="machine:test")
    foreign = create_stream("beta", "decisions", actor="machine:test")
    for one in (stream, foreign):
        append_events(one, [decision(number) for number in range(events)], actor="machine:test")
        if sealed:
            seal_window(one.id, reason="request")
    return House(acme, beta, streams.stream("acme", "decisions"), streams.stream("beta", "decisions"))


def decision(number: int) -> RawEvent:
    payload = b'{"model":"m-3","outcome":"refer","score":%d}' % number
    return RawEvent(
        type="ai.decision",
        id=f"dec-{number}",
        source="urn:acme:scoring",
        payload=payload,
        subject=f"case-{number}",
    )


def signed_in(client: Client, person: Person) -> Client:
    """A session with a second factor that was given just now."""
    client.force_login(person)
    device = Authenticator.objects.get(user=person)
    session = client.session
    now = timezone.now().timestamp()
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session[factors.VERIFIED_AT] = session[factors.BEGAN] = session[factors.SEEN] = now
    session[factors.ASSURANCE] = factors.Assurance.TOTP.value
    session.save()
    return client


def code_now(secret: bytes = SECRET) -> str:
    """What the authenticator shows at this moment."""
    totp = TOTP(secret)
    totp.time = time.time()
    return f"{totp.token():06d}"


def _tenant(name: str, slug: str) -> Tenant:
    tenant = create_tenant(name, slug, by=BY, at=at())
    create_namespace(tenant, slug, by=BY, at=at())
    return tenant
