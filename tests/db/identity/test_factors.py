from __future__ import annotations

import secrets
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_otp.middleware import OTPMiddleware
from django_otp.oath import TOTP

from governance.identity import factors
from governance.identity.actions.create_recovery_codes import create_recovery_codes
from governance.identity.actions.enrol_totp import enrol_totp
from governance.identity.actions.take_from_bucket import sign_in_wait
from governance.identity.core.roles import Role
from governance.identity.errors import NameInvalid, NotAllowed
from governance.identity.models import Authenticator, Bucket, Person, RecoveryDevice
from governance.identity.selectors.principals import principal_of_person
from tests.support.world import SEED, Place, moment, person

NOW = timezone.now()
FIVE = timedelta(minutes=5)


@pytest.fixture
def ada(acme: Place) -> Person:
    return person("ada@acme.test", Role.TENANT_DEVELOPER, acme.tenant)


def request_of(who: Person) -> HttpRequest:
    """A request in whose session `who` gave the password."""
    request = HttpRequest()
    request.session = SessionStore()
    request.user = AnonymousUser()
    login(request, who, backend="django.contrib.auth.backends.ModelBackend")
    factors.begin_session(request, NOW)
    OTPMiddleware(lambda _: HttpResponse())(request)
    return request


def device_of(who: Person) -> Any:
    return Authenticator.objects.get(user=who)


def test_the_session_gets_a_new_key_when_the_second_factor_is_given(ada: Person) -> None:
    request = request_of(ada)
    planted = request.session.session_key
    assert not factors.is_verified(request)
    factors.mark_verified(request, device_of(ada), NOW)
    assert factors.is_verified(request)
    assert request.session.session_key != planted
    assert planted is not None
    assert not SessionStore().exists(planted)


def test_freshness_ends_and_a_clock_that_ran_backwards_is_not_fresh(ada: Person) -> None:
    request = request_of(ada)
    factors.mark_verified(request, device_of(ada), NOW)
    assert factors.verified_within(request, FIVE, NOW + FIVE)
    assert not factors.verified_within(request, FIVE, NOW + FIVE + timedelta(seconds=1))
    assert not factors.verified_within(request, FIVE, NOW - timedelta(seconds=1))


def test_a_password_alone_is_never_fresh(ada: Person) -> None:
    assert not factors.verified_within(request_of(ada), FIVE, NOW)


def test_a_recovery_code_signs_in_once_and_is_never_fresh(ada: Person) -> None:
    codes = create_recovery_codes(ada, by=SEED, at=moment())
    device = RecoveryDevice.objects.get(user=ada)
    assert len(set(codes)) == 10
    assert device.verify_token(codes[0])
    assert not device.verify_token(codes[0])
    request = request_of(ada)
    factors.mark_verified(request, device, NOW)
    assert factors.is_verified(request)
    assert not factors.verified_within(request, FIVE, NOW)


def test_new_recovery_codes_end_the_old_ones(ada: Person) -> None:
    old = create_recovery_codes(ada, by=SEED, at=moment())
    create_recovery_codes(ada, by=SEED, at=moment())
    assert not RecoveryDevice.objects.get(user=ada).verify_token(old[0])


def test_a_code_of_the_authenticator_is_taken_once(ada: Person) -> None:
    secret = secrets.token_bytes(20)
    device = enrol_totp(ada, secret, by=SEED, at=moment())
    clock = TOTP(secret)
    clock.time = time.time()
    code = f"{clock.token():06d}"
    assert device.verify_token(code)
    assert not device.verify_token(code)


def test_factors_are_enrolled_by_their_holder_alone(acme: Place, ada: Person) -> None:
    bob = person("bob@acme.test", Role.TENANT_ADMIN, acme.tenant)
    by_ada, by_bob = principal_of_person(ada, NOW), principal_of_person(bob, NOW)
    assert by_ada is not None
    assert by_bob is not None
    with pytest.raises(NotAllowed):
        enrol_totp(ada, secrets.token_bytes(20), by=by_bob, at=moment())
    with pytest.raises(NotAllowed):
        create_recovery_codes(ada, by=by_bob, at=moment())
    with pytest.raises(NameInvalid):
        enrol_totp(ada, b"short", by=by_ada, at=moment())
    assert enrol_totp(ada, secrets.token_bytes(20), by=by_ada, at=moment()).confirmed


def test_attempts_are_slowed_for_the_person_and_place_and_nobody_else_is_locked_out(acme: Place) -> None:
    waits = [sign_in_wait("password", "Ada@acme.test", "10.0.0.1", NOW) for _ in range(6)]
    assert waits[:5] == [0] * 5
    assert waits[5] > 0
    assert sign_in_wait("password", "ada@acme.test", "10.0.0.2", NOW) == 0
    assert sign_in_wait("password", "bob@acme.test", "10.0.0.1", NOW) == 0
    assert sign_in_wait("password", "ada@acme.test", "10.0.0.1", NOW + timedelta(seconds=waits[5])) == 0


def test_one_place_cannot_try_many_people(acme: Place) -> None:
    waits = [sign_in_wait("password", f"p{number}@acme.test", "10.0.0.1", NOW) for number in range(45)]
    assert waits[:40] == [0] * 40
    assert all(waits[40:])


def test_buckets_hold_no_address_of_anybody(acme: Place) -> None:
    sign_in_wait("password", "ada@acme.test", "10.0.0.1", NOW)
    assert not any("ada" in key or "10.0" in key for key in Bucket.objects.values_list("key", flat=True))


@pytest.mark.parametrize(
    ("age", "expected"), [(timedelta(0), None), (factors.IDLE_LIMIT, None), (timedelta(minutes=16), "idle")]
)
def test_a_session_is_over_when_it_was_idle(ada: Person, age: timedelta, expected: str | None) -> None:
    assert factors.session_end(request_of(ada), NOW + age) == expected


def test_a_busy_session_is_over_after_eight_hours(ada: Person) -> None:
    request = request_of(ada)
    late = NOW + timedelta(hours=8, seconds=1)
    request.session[factors.SEEN] = late.timestamp()
    assert factors.session_end(request, late) == "absolute"
