"""Each list names the API call that answers the same, with the same filters, for those who may make it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from governance.identity.actions.create_system_key import create_system_key
from governance.identity.core.principal import Scope
from governance.identity.core.roles import Role
from governance.identity.selectors.system_keys import namespace_row
from tests.web.house import BY, House, at, signed_in

LISTS = {
    "/": "/api/v1/streams/",
    "/streams/?q=decis": "/api/v1/streams/?q=decis",
    "/streams/acme/decisions/": "/api/v1/streams/acme/decisions/",
    "/streams/acme/decisions/events/?type=ai.decision&recorded_from=2020-01-01T00:00":
        "/api/v1/streams/acme/decisions/events/?type=ai.decision&recorded_from=2020-01-01T00%3A00%3A00Z&order=newest",
}  # fmt: skip


def calls(client: Client, path: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'<a href="([^"]+)"><code>GET ', client.get(path).content.decode())]


@pytest.mark.parametrize(("path", "call"), LISTS.items())
def test_a_list_links_its_call_and_the_call_answers(house: House, admin: Client, path: str, call: str) -> None:
    assert calls(admin, path)[0] == call
    answer = admin.get(call)
    assert answer.status_code == 200
    if "items" in answer.json():
        assert answer.json()["items"]


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/jobs/", "/api/v1/jobs/"),
        ("/jobs/?kind=export&state=queued&mine=1", "/api/v1/jobs/?kind=export&state=queued&mine=1"),
        ("/keys/", "/api/v1/keys/"),
        ("/notifications/", "/api/v1/notifications/"),
        ("/subscriptions/", "/api/v1/subscriptions/"),
        ("/streams/acme/decisions/reliance/", "/api/v1/streams/acme/decisions/reliance/"),
    ],
)
def test_what_belongs_to_people_links_its_call(house: House, admin: Client, path: str, call: str) -> None:
    assert calls(admin, path) == [call]
    assert admin.get(call).status_code == 200


def test_a_key_links_its_call_and_both_tell_the_same(house: House, admin: Client) -> None:
    key = create_system_key(namespace_row("acme"), "pipeline", [Scope.APPEND], by=BY, at=at()).key
    (call,) = calls(admin, f"/keys/{key.public_id}/")
    assert admin.get(call).json()["name"] == "pipeline"


def test_windows_link_theirs(house: House, admin: Client) -> None:
    assert "/api/v1/streams/acme/decisions/windows/" in calls(admin, "/streams/acme/decisions/")


def test_a_search_without_a_match_answers_the_same_from_the_api(house: House, admin: Client) -> None:
    assert admin.get("/api/v1/streams/?q=zzz").json()["items"] == []


def test_who_may_not_make_the_call_is_not_offered_it(house: House, client: Client) -> None:
    operator = signed_in(client, house.person(Role.PLATFORM_OPERATOR))
    assert calls(operator, "/streams/acme/decisions/events/") == []
    assert calls(operator, "/bundles/") == []
