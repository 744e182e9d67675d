"""Who runs the platform is told here what needs a hand; tenants neither see it nor can ask for it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from governance.identity.core.roles import Role
from governance.watching.models import Notice, Subscription
from governance.watching.services.raise_alarms import watch_platform
from ledger.models import SignerPause, StreamHead
from tests.web.house import House, at, signed_in

ASKED = {"platform": "mail"}


@pytest.fixture
def operator(house: House) -> Client:
    return signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test"))


def looked() -> None:
    watch_platform(at())
    cache.clear()


def test_a_stopped_stream_stands_in_the_operators_list_and_count_with_a_way_to_it(
    house: House, operator: Client, admin: Client
) -> None:
    StreamHead.objects.filter(pk=house.stream.id).update(stopped="integrity")
    looked()
    text = operator.get("/notifications/").content.decode()
    assert '<a href="/streams/acme/decisions/#path-receipt">acme/decisions is stopped (integrity)</a>' in text
    assert "1 notification you have not marked as read." in text
    assert "You have not been told anything yet." in admin.get("/notifications/").content.decode()
    assert Notice.objects.count() == 1


def test_a_paused_signer_is_a_reason_on_the_overview_of_operators_alone(
    house: House, operator: Client, admin: Client
) -> None:
    SignerPause.objects.create(stream=None, paused=True, reason="a ceremony", actor="machine:test")
    looked()
    assert "The signer of all streams is paused, seen for" in operator.get("/").content.decode()
    assert "The signer of all streams is paused, seen for" not in admin.get("/").content.decode()


def test_an_operator_asks_for_mails_and_ends_them(operator: Client) -> None:
    with override_settings(COUNTERSIGN_MAIL=True):
        assert "Mail it to me too" in operator.get("/subscriptions/").content.decode()
        text = operator.post("/subscriptions/", ASKED, follow=True).content.decode()
    assert "It is also mailed to you." in text
    assert "subscribed to no stream" in text
    row = Subscription.objects.get()
    assert (row.kind, row.by_mail) == ("platform", True)
    operator.post(f"/subscriptions/{row.public_id}/end/")
    assert "It is also mailed to you." not in operator.get("/subscriptions/").content.decode()


def test_a_tenant_is_not_offered_it_and_cannot_ask_for_it(admin: Client) -> None:
    assert "The platform's own work" not in admin.get("/subscriptions/").content.decode()
    text = admin.post("/subscriptions/", ASKED, follow=True).content.decode()
    assert "This takes the role platform operator" in text
    assert not Subscription.objects.exists()
