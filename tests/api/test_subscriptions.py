"""Subscriptions and notifications over HTTP: of the person alone, as on the pages."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.identity.core.roles import Role
from governance.identity.models import Person
from governance.watching.models import Episode, Notice, Subscription
from tests.api.test_bad_input import check
from tests.support.world import Place, person, signed_in

OF, TOLD = "/api/v1/subscriptions/", "/api/v1/notifications/"
WISH = {"namespace": "acme", "stream": "decisions", "kind": "path_off", "minutes": 5}


@pytest.fixture
def ada(acme: Place) -> Person:
    return person("ada@acme.test", Role.TENANT_VIEWER, acme.tenant)


@pytest.fixture
def mine(ada: Person) -> Client:
    return signed_in(ada)


def post(client: Client, path: str, body: Any = None, **more: Any) -> Any:
    return client.post(path, json.dumps({} if body is None else body), "application/json", **more)


def noticed(of: str, count: int) -> list[Notice]:
    """What the watcher would tell by this subscription."""
    held, now = Subscription.objects.get(public_id=of), timezone.now()
    assert held.stream is not None
    episode = Episode.objects.create(subscription=held, stream=held.stream, since=now, told=now)
    return [
        Notice.objects.create(
            public_id=f"0192f000-0000-7000-8000-{number:012d}", person=held.person, episode=episode, begins=True,
            what=f"trouble {number}", why="late", created=now + timedelta(seconds=number),
        )
        for number in range(count)
    ]  # fmt: skip


def test_a_person_subscribes_and_ends_it(mine: Client) -> None:
    answer = post(mine, OF, WISH)
    told = answer.json()
    assert (answer.status_code, told["stream"], told["kind"], told["holds"]) == (201, "decisions", "path_off", 0)
    everywhere = post(mine, OF, {"namespace": "acme", "kind": "silent", "minutes": 60}).json()
    assert everywhere["stream"] is None
    assert mine.get(OF).json()["items"] == [told, everywhere]
    assert post(mine, f"{OF}{told['id']}/end/").json() == {"ended": told["id"]}
    check(post(mine, f"{OF}{told['id']}/end/"), 404, "not_found")
    assert mine.get(OF).json()["items"] == [everywhere]


def test_nobody_sees_or_ends_what_is_somebody_elses(acme: Place, other: Place, mine: Client) -> None:
    told = post(mine, OF, WISH).json()
    for role, where in ((Role.TENANT_ADMIN, acme), (Role.TENANT_ADMIN, other)):
        stranger = signed_in(person(f"x@{where.tenant.slug}.test", role, where.tenant))
        assert stranger.get(OF).json()["items"] == []
        check(post(stranger, f"{OF}{told['id']}/end/"), 404, "not_found")
    check(post(mine, OF, {**WISH, "namespace": "other"}), 404, "not_found")
    check(post(mine, OF, {**WISH, "stream": "nowhere"}), 404, "not_found")
    assert len(mine.get(OF).json()["items"]) == 1


def test_a_system_key_has_none(acme: Place) -> None:
    for path in (OF, TOLD):
        check(Client().get(path, headers=acme.bearer), 403, "role_missing")
    check(post(Client(), OF, WISH, headers=acme.bearer), 403, "role_missing")
    check(post(Client(), f"{TOLD}read/", headers=acme.bearer), 403, "role_missing")
    check(Client().get(OF), 401, "credentials_missing")


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [({"kind": "platform"}, "parameter_invalid", "$.kind"), ({"minutes": 0}, "name_invalid", "$.minutes"),
     ({"minutes": 10_081}, "name_invalid", "$.minutes"), ({"by_mail": True}, "parameter_invalid", "$.by_mail"),
     ({"minutes": "5"}, "parameter_invalid", "$.minutes"), ({"odd": 1}, "parameter_invalid", "$.odd")],
)  # fmt: skip
def test_what_is_no_wish_is_refused(mine: Client, fields: dict[str, Any], code: str, path: str) -> None:
    check(post(mine, OF, {**WISH, **fields}), 422, code, path)


def test_notifications_are_listed_and_marked_as_read(mine: Client) -> None:
    noticed(post(mine, OF, WISH).json()["id"], 3)
    first = mine.get(f"{TOLD}?limit=2").json()
    rest = mine.get(first["next"]).json()
    assert [one["what"] for one in first["items"] + rest["items"]] == ["trouble 2", "trouble 1", "trouble 0"]
    assert first["items"][0]["page"] == "/streams/acme/decisions/health/"
    one = first["items"][0]["id"]
    assert [post(mine, f"{TOLD}{one}/read/").json() for _ in range(2)] == [{"read": 1}, {"read": 0}]
    assert post(mine, f"{TOLD}read/").json() == {"read": 2}
    assert all(told["read"] for told in mine.get(TOLD).json()["items"])


def test_what_others_were_told_is_not_there(acme: Place, mine: Client) -> None:
    (notice,) = noticed(post(mine, OF, WISH).json()["id"], 1)
    stranger = signed_in(person("x@acme.test", Role.TENANT_ADMIN, acme.tenant))
    assert stranger.get(TOLD).json()["items"] == []
    assert post(stranger, f"{TOLD}{notice.public_id}/read/").json() == {"read": 0}
    check(stranger.get(f"{TOLD}?after={notice.public_id}"), 422, "parameter_invalid", "?after")
    assert mine.get(TOLD).json()["items"][0]["read"] is None


def test_wrong_methods(mine: Client) -> None:
    told = post(mine, OF, WISH).json()
    for path in (f"{OF}{told['id']}/end/", f"{TOLD}read/", f"{TOLD}{told['id']}/read/"):
        check(mine.get(path), 405, "method_not_allowed")
    check(mine.delete(OF), 405, "method_not_allowed")
    check(post(mine, TOLD), 405, "method_not_allowed")
