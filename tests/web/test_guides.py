"""Guided pages: the steps follow what is done, say what cannot be seen, and lead to pages that exist."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from console.guides import GUIDES
from governance.identity.actions.create_system_key import create_system_key
from governance.identity.actions.rotate_system_key import rotate_system_key
from governance.identity.core.principal import Scope
from governance.identity.models import Namespace, SystemKey
from governance.operations.actions.set_reliance import set_reliance
from governance.watching.services.sweep import sweep
from ledger.selectors import bundles
from ledger.services.exports import request_bundle, run_export
from tests.web.house import BY, House, at

STREAM = "?stream=acme/decisions"


@pytest.fixture
def key(house: House) -> SystemKey:
    owner = Namespace.objects.get(name="acme")
    return create_system_key(owner, "scoring", {Scope.APPEND}, by=BY, at=at()).key


def words_of(client: Client, path: str) -> list[str]:
    """The word of each step, in order."""
    answer = client.get(f"/guides/{path}")
    assert answer.status_code == 200
    steps = answer.content.decode().partition('<ol class="steps-wide">')[2].partition("</ol>")[0]
    return re.findall(r'<span class="state is-\w+">.*?<span>([^<]+)</span></span>', steps, re.DOTALL)


def test_the_list_names_every_guide(admin: Client) -> None:
    text = admin.get("/guides/").content.decode()
    for guide in GUIDES.values():
        assert f"/guides/{guide.slug}/" in text
        assert guide.title in text


@pytest.mark.parametrize("slug", GUIDES)
def test_nothing_is_done_before_something_is_chosen(admin: Client, slug: str) -> None:
    assert set(words_of(admin, f"{slug}/")) == {"open"}


@pytest.mark.parametrize("slug", GUIDES)
def test_every_link_of_a_guide_leads_to_a_page(admin: Client, key: SystemKey, slug: str) -> None:
    on = f"?key={key.public_id}" if GUIDES[slug].on == "key" else STREAM
    text = admin.get(f"/guides/{slug}/{on}").content.decode()
    links = re.findall(r'<a class="button button--small"\s+href="([^"]+)"', text.partition("steps-wide")[2])
    assert len(links) >= 3
    for link in links:
        assert admin.get(link.partition("#")[0].replace("&amp;", "&")).status_code == 200, link


def test_a_rotation_is_followed_to_the_end_of_its_overlap(admin: Client, key: SystemKey) -> None:
    page = f"rotate-a-key/?key={key.public_id}"
    unseen = "not seen from here"
    assert words_of(admin, page) == ["done", "open", unseen, unseen, "open"]
    rotate_system_key(key, timedelta(hours=1), by=BY, at=at())
    assert words_of(admin, page) == ["done", "done", unseen, unseen, "open"]
    SystemKey.objects.update(previous_until=timezone.now())
    assert words_of(admin, page) == ["done", "done", unseen, unseen, "done"]


def test_an_export_is_followed_to_its_verdict(house: House, admin: Client) -> None:
    page = f"request-an-export/{STREAM}"
    assert words_of(admin, page) == ["done", "done", "open", "open", "not seen from here"]
    made, _ = request_bundle(house.fresh(), 0, 6, actor="machine:test", disclose=frozenset({"attrs"}))
    assert words_of(admin, page)[2:4] == ["done", "open"]
    run_export(made.job_id)
    assert bundles.bundle(made.public_id).outcome == "verified"
    assert words_of(admin, page)[2:4] == ["done", "done"]
    assert words_of(admin, f"verify-a-bundle/{STREAM}")[1] == "done"


def test_health_says_stop_where_a_path_is_off_pass(house: House, admin: Client) -> None:
    page = f"inspect-health/{STREAM}"
    assert words_of(admin, page)[1] == "open"
    sweep(timezone.now())
    assert words_of(admin, page)[1] == "done"
    assert words_of(admin, page)[-1] == "open"
    admin.post("/subscriptions/", {"target": "acme", "kind": "silent", "minutes": "5"})
    assert words_of(admin, page)[-1] == "done"


def test_a_pause_is_followed_to_its_end(house: House, admin: Client) -> None:
    page = f"pause-reliance/{STREAM}"
    assert words_of(admin, page)[2] == "open"
    set_reliance(house.fresh(), 2, 3, paused=True, reason="in doubt", by=BY, at=at())
    assert (words_of(admin, page)[2], words_of(admin, page)[4]) == ("done", "open")
    set_reliance(house.fresh(), 2, 3, paused=False, reason="cleared", by=BY, at=at())
    assert words_of(admin, page)[4] == "done"


@pytest.mark.parametrize("slug", [slug for slug, one in GUIDES.items() if one.on == "stream"])
def test_a_foreign_stream_is_an_unknown_one(admin: Client, slug: str) -> None:
    for name in ("beta/decisions", "acme/nothing", "nonsense"):
        assert admin.get(f"/guides/{slug}/?stream={name}").status_code == 404


def test_a_foreign_key_is_an_unknown_one(stranger: Client, key: SystemKey) -> None:
    for one in (key.public_id, "01a1fdc4-ceca-7541-a0d7-7a4987f3efe1", "x"):
        assert stranger.get(f"/guides/rotate-a-key/?key={one}").status_code == 404
    assert "scoring" not in stranger.get("/guides/rotate-a-key/").content.decode()


def test_an_unknown_guide_is_a_404(admin: Client) -> None:
    assert admin.get("/guides/no-such-guide/").status_code == 404
