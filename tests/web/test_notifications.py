"""Subscriptions in the console: what one may ask for, what one was told, and nothing of anybody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.roles import Role
from governance.identity.models.tenant import TenantState
from governance.watching.models import Notice, Subscription
from governance.watching.services.sweep import sweep
from ledger.selectors import streams
from tests.web.house import BY, House, at, signed_in

WISH = {"target": "acme/decisions", "kind": "silent", "minutes": "10"}


def told_of_silence(minutes: int = 11) -> None:
    sweep(timezone.now() + timedelta(minutes=minutes))
    cache.clear()


def test_somebody_subscribes_is_told_and_marks_it_as_read(admin: Client) -> None:
    answer = admin.post("/subscriptions/", WISH, follow=True).content.decode()
    assert "You are subscribed." in answer
    assert "no event for 10 minutes" in answer
    told_of_silence()
    home = admin.get("/").content.decode()
    assert re.search(r'Notifications <span class="badge">1<span class="sr-only"> unread</span></span>', home)
    page = admin.get("/notifications/").content.decode()
    assert "acme/decisions has been silent for" in page
    assert "1 notification you have not marked as read." in page
    assert admin.post("/notifications/read/")["Location"] == "/notifications/"
    after = admin.get("/notifications/").content.decode()
    assert "You have read everything that you were told." in after
    assert 'class="badge"' not in after


def test_one_is_marked_alone_and_somebody_elses_not_at_all(house: House, admin: Client, viewer: Client) -> None:
    admin.post("/subscriptions/", WISH)
    told_of_silence()
    notice = Notice.objects.get()
    assert viewer.post(f"/notifications/{notice.public_id}/read/").status_code == 302
    notice.refresh_from_db()
    assert notice.read is None
    assert "silent" not in viewer.get("/notifications/").content.decode()
    admin.post(f"/notifications/{notice.public_id}/read/")
    notice.refresh_from_db()
    assert notice.read is not None


def test_a_namespace_can_be_watched_as_a_whole(admin: Client) -> None:
    admin.post("/subscriptions/", {**WISH, "target": "acme", "kind": "path_off", "counts_not_evaluated": "on"})
    row = Subscription.objects.get()
    assert (row.stream, row.namespace, row.counts_not_evaluated) == (None, "acme", True)
    assert "acme/(every stream)" in admin.get("/subscriptions/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"target": "beta"}, {"target": "beta/decisions"}, {"target": "_system"}, {"minutes": "0"}, {"minutes": "99999"},
     {"minutes": "x"}, {"kind": "everything"}],
)  # fmt: skip
def test_what_is_not_offered_is_refused(admin: Client, wrong: dict[str, str]) -> None:
    assert admin.post("/subscriptions/", {**WISH, **wrong}).status_code == 422
    assert not Subscription.objects.exists()


def test_ending_one_is_confirmed_and_somebody_elses_stays(admin: Client, viewer: Client) -> None:
    admin.post("/subscriptions/", WISH)
    row = Subscription.objects.get()
    refused = viewer.post(f"/subscriptions/{row.public_id}/end/", follow=True).content.decode()
    assert "There is no such subscription of yours in force" in refused
    row.refresh_from_db()
    assert row.ended is None
    assert (
        "The subscription is ended" in admin.post(f"/subscriptions/{row.public_id}/end/", follow=True).content.decode()
    )
    assert "You are subscribed to nothing" in admin.get("/subscriptions/").content.decode()


def test_a_stranger_is_offered_nothing_of_others_and_sees_nothing_of_them(admin: Client, stranger: Client) -> None:
    admin.post("/subscriptions/", WISH)
    told_of_silence()
    for path in ("/subscriptions/", "/notifications/", "/"):
        assert "acme" not in re.sub(r"bea@|Acme", "", stranger.get(path).content.decode()), path


def test_mail_is_offered_only_where_it_leaves(admin: Client) -> None:
    with override_settings(COUNTERSIGN_MAIL=False):
        assert "No mail leaves this installation" in admin.get("/subscriptions/").content.decode()
        admin.post("/subscriptions/", {**WISH, "by_mail": "on"})
    with override_settings(COUNTERSIGN_MAIL=True):
        admin.post("/subscriptions/", {**WISH, "by_mail": "on"})
    assert list(Subscription.objects.values_list("by_mail", flat=True)) == [False, True]


def test_a_page_can_ask_for_its_own_stream(admin: Client) -> None:
    text = admin.get("/subscriptions/?for=acme/decisions").content.decode()
    assert '<option value="acme/decisions" selected>' in text


@pytest.mark.parametrize("path", ["/notifications/read/", "/subscriptions/01a1fdc4-ceca-7541-a0d7-7a4987f3efe1/end/"])
def test_reading_and_ending_take_a_button(admin: Client, path: str) -> None:
    assert admin.get(path).status_code == 405


def test_a_suspended_tenants_viewer_may_still_ask_to_be_told(house: House) -> None:
    vic = signed_in(Client(), house.person(Role.TENANT_VIEWER, email="vic@acme.test"))
    set_tenant_state(house.acme, TenantState.SUSPENDED, by=BY, at=at(), reason="a test")
    assert vic.post("/subscriptions/", WISH).status_code == 302
    assert streams.stream("_governance", "changes").size > 0


def test_an_address_for_asks_is_given_shown_with_its_secret_and_taken_back(admin: Client) -> None:
    page = admin.post("/subscriptions/", {"webhook": "set", "url": "https://hooks.example.org/in"}, follow=True)
    told = page.content.decode()
    assert "https://hooks.example.org/in" in told
    assert re.search(r"whsec_[A-Za-z0-9+/]{43}=", told)
    assert "none yet" in told
    after = admin.post("/subscriptions/", {"webhook": "end"}, follow=True).content.decode()
    assert "Nothing is posted any more." in after
    assert "whsec_" not in after


def test_an_address_of_the_inside_or_without_https_is_refused_with_a_reason(admin: Client) -> None:
    for url in ("http://hooks.example.org/", "https://user:secret@hooks.example.org/", "x"):
        told = admin.post("/subscriptions/", {"webhook": "set", "url": url}, follow=True).content.decode()
        assert "No webhook can go to this address" in told
        assert "whsec_" not in told


def test_nobody_sees_the_address_of_somebody_else(admin: Client, viewer: Client) -> None:
    admin.post("/subscriptions/", {"webhook": "set", "url": "https://hooks.example.org/in"})
    assert "hooks.example.org" not in viewer.get("/subscriptions/").content.decode()
