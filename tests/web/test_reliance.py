"""Reliance is paused from a page, by who may, with a fresh factor; and shown wherever the range appears."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from governance.identity import factors
from governance.identity.actions.create_namespace import create_namespace
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.roles import Role
from governance.identity.models.tenant import TenantState
from governance.operations.actions.set_reliance import set_reliance
from ledger.selectors import leaves, streams
from ledger.services.exports import request_bundle
from tests.web.house import BY, House, at, signed_in

PAGE = "/streams/acme/decisions/reliance/"
PAUSE = {"state": "paused", "first": "3", "last": "5", "reason": "An auditor was shown another history."}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def paused(house: House) -> House:
    set_reliance(house.fresh(), 3, 5, paused=True, reason="An auditor saw <another> one.", by=BY, at=at())
    return house


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_an_admin_pauses_and_resumes_and_both_are_told(house: House, admin: Client) -> None:
    assert "Reliance is paused on no leaf of acme/decisions." in text_of(admin, PAGE)
    told = admin.post(f"{PAGE}change/", PAUSE, follow=True).content.decode()
    assert "Reliance is paused on 3 leaves: leaves 3 to 5." in told
    assert "An auditor was shown another history." in told
    log = streams.stream("_governance", "changes")
    assert leaves.event(log, log.size - 1).type == "operations:reliance:paused"
    again = admin.post(f"{PAGE}change/", {**PAUSE, "state": "resumed"}, follow=True).content.decode()
    assert "Reliance is paused on no leaf of acme/decisions." in again


def test_the_range_shows_it_wherever_it_appears(paused: House, viewer: Client) -> None:
    inside = "Reliance on leaves 3 to 5 is paused."
    for path in ("events/4/", "", "health/"):
        text = text_of(viewer, f"/streams/acme/decisions/{path}")
        assert inside in text, path
        assert "An auditor saw &lt;another&gt; one." in text, path
    assert inside not in text_of(viewer, "/streams/acme/decisions/events/6/")


def test_a_banner_stands_above_every_page_of_who_may_know(paused: House, admin: Client, stranger: Client) -> None:
    banner = "Reliance on leaves 3 to 5 of acme/decisions is paused."
    for path in ("/", "/account/", "/streams/acme/decisions/events/9/"):
        assert banner in text_of(admin, path), path
    assert "Reliance on" not in text_of(stranger, "/")


def test_programs_read_it_in_the_state_of_the_stream(paused: House, admin: Client) -> None:
    (told,) = admin.get("/api/v1/streams/acme/decisions/").json()["reliance_paused"]
    assert (told["from"], told["to"], told["reason"]) == (3, 5, "An auditor saw <another> one.")


def test_a_bundle_of_the_range_says_so_and_another_does_not(paused: House, admin: Client) -> None:
    stream, made = paused.fresh(), []
    for first, last in ((4, 8), (6, 8)):
        row, _ = request_bundle(stream, first, last + 1, actor="machine:test", disclose=frozenset({"attrs"}))
        made.append(text_of(admin, f"/bundles/{row.public_id}/"))
    assert "Reliance on leaves 3 to 5 is paused." in made[0]
    assert "Reliance on leaves 3 to 5 is paused." not in made[1]


@pytest.mark.parametrize(
    "wrong", [{"first": "9"}, {"last": "9999"}, {"reason": " "}, {"state": "forgotten"}, {"first": "-1"}, {"last": "x"}]
)
def test_a_wrong_form_writes_no_leaf(house: House, admin: Client, wrong: dict[str, str]) -> None:
    size = house.fresh().size
    assert admin.post(f"{PAGE}change/", {**PAUSE, **wrong}).status_code == 422
    assert house.fresh().size == size


@pytest.mark.parametrize("role", [Role.TENANT_VIEWER, Role.TENANT_DEVELOPER])
def test_others_of_the_tenant_see_it_and_may_not_change_it(house: House, role: Role) -> None:
    client, size = signed_in(Client(), house.person(role, email="dev@acme.test")), house.fresh().size
    assert "Pause or resume" not in text_of(client, PAGE)
    answer = client.post(f"{PAGE}change/", PAUSE)
    assert answer.status_code == 403
    assert "one of these roles: tenant admin" in answer.content.decode()
    assert house.fresh().size == size


def test_a_stranger_finds_nothing(house: House, stranger: Client) -> None:
    size = house.fresh().size
    assert stranger.get(PAGE).status_code == 404
    assert stranger.post(f"{PAGE}change/", PAUSE).status_code == 404
    assert house.fresh().size == size


def test_a_suspended_tenant_writes_nothing(house: House, admin: Client) -> None:
    set_tenant_state(house.acme, TenantState.SUSPENDED, by=BY, at=at(), reason="a test")
    size = house.fresh().size
    answer = admin.post(f"{PAGE}change/", PAUSE)
    assert answer.status_code == 403
    assert "is suspended" in answer.content.decode()
    assert house.fresh().size == size


def test_the_platforms_streams_are_its_operators_business(house: House) -> None:
    create_namespace(None, "_governance", by=BY, at=at())
    olga = signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test"))
    page = "/streams/_governance/changes/reliance/"
    assert olga.post(f"{page}change/", {**PAUSE, "first": "1", "last": "1"}).status_code == 302
    assert "Reliance is paused on 1 leaf: leaf 1." in text_of(olga, page)
    assert olga.post(f"{PAGE}change/", PAUSE).status_code == 403


def test_it_takes_a_fresh_second_factor(house: House, admin: Client) -> None:
    session = admin.session
    session[factors.VERIFIED_AT] = timezone.now().timestamp() - 360
    session.save()
    size = house.fresh().size
    assert admin.post(f"{PAGE}change/", PAUSE)["Location"].startswith("/login/code/")
    assert house.fresh().size == size


def test_a_link_can_fill_the_form_in(admin: Client) -> None:
    text = text_of(admin, f"{PAGE}change/?first=7&last=9&state=resumed")
    assert 'name="first" value="7"' in text
    assert text.count("checked") == 1
