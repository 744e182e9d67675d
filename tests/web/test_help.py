"""The documents as pages: complete, safe, with links that lead somewhere, and reachable from where one stands."""

from __future__ import annotations

import re

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from console import help_pages
from console.help_pages import help_page, names
from console.help_topics import READERS, help_for, here
from console.views.urls import urlpatterns
from ledger.core.codes import CODES
from tests.web.house import House


def ids(html: str) -> set[str]:
    return set(re.findall(r'id="([^"]+)"', html))


@pytest.mark.parametrize("name", names())
def test_every_document_is_a_page_whose_links_lead_somewhere(name: str) -> None:
    html = help_page(name).html
    for target in re.findall(r'href="([^"]*)"', html):
        path, _, anchor = target.partition("#")
        assert path.startswith(("/help/", "https://")) or (not path and anchor), target
        if path.startswith("/help/") and path != "/help/":
            assert not anchor or anchor in ids(help_page(path.split("/")[2]).html), target
        if not path:
            assert anchor in ids(html), target


@pytest.mark.parametrize("name", names())
def test_ids_stand_once_and_pictures_exist(client: Client, name: str) -> None:
    html = help_page(name).html
    found = re.findall(r'id="([^"]+)"', html)
    assert len(found) == len(set(found))
    for source in re.findall(r'<img [^>]*src="([^"]*)"', html):
        assert help_pages.image_path(source.rpartition("/")[2]).is_file()
    assert all("alt=" in picture for picture in re.findall(r"<img [^>]*>", html))


def test_html_in_a_document_is_shown_as_text(tmp_path: object) -> None:
    from pathlib import Path  # noqa: PLC0415  (the only test that writes documents)

    root = Path(str(tmp_path))
    (root / "docs").mkdir()
    (root / "docs" / "evil.md").write_text(
        "# T\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![y](https://elsewhere.example/y.png)"
        " <img src=x onerror=alert(1)> [z](//elsewhere.example)\n"
    )
    with override_settings(BASE_DIR=root):
        html = help_page.__wrapped__("evil").html
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "javascript:" not in re.sub(r">[^<]*<", "><", html)
    assert "elsewhere.example" not in re.sub(r">[^<]*<", "><", html)


def test_every_problem_code_can_be_linked_to() -> None:
    assert set(CODES) <= ids(help_page("problem-codes").html)


def test_every_topic_and_every_place_has_its_section(house: House) -> None:
    for reader in READERS:
        for topic in reader.topics:
            assert help_page(topic.name).title
    views = {str(one.name) for one in urlpatterns}
    for view, place in here().items():
        name, _, anchor = place.partition("#")
        assert view in views, view
        assert not anchor or anchor in ids(help_page(name).html), place
        assert help_for(view).startswith("/help/")
    assert help_for("nowhere") == reverse("help")


def test_pages_lead_to_what_helps_there(admin: Client) -> None:
    stream = admin.get("/streams/acme/decisions/").content.decode()
    assert '<a href="/help/health/">Help on this page</a>' in stream
    assert '<a href="/help/accounts/">Help on this page</a>' in admin.get("/account/").content.decode()


def test_the_list_and_a_document_are_pages(admin: Client, viewer: Client) -> None:
    assert "First hour: tenant" in admin.get("/help/").content.decode()
    text = viewer.get("/help/glossary/").content.decode()
    assert "<strong>cosigned k/n</strong>" in text
    assert viewer.get("/help/images/stream-light.png")["Content-Type"] == "image/png"


@pytest.mark.parametrize("path", ["/help/nothing/", "/help/images/nothing.png", "/help/images/..%2f..%2fREADME.md"])
def test_anything_else_is_a_404(admin: Client, path: str) -> None:
    assert admin.get(path).status_code == 404


def test_strangers_sign_in_first() -> None:
    assert Client().get("/help/")["Location"].startswith("/login/")
