"""Every page says what it is, where one stands."""

from __future__ import annotations

from django.test import Client
from django.urls import get_resolver

from console.page_words import PAGES
from console.views import urls
from tests.web.house import House


def test_every_row_belongs_to_a_page() -> None:
    assert get_resolver().url_patterns
    assert set(PAGES) <= {str(one.name) for one in urls.urlpatterns}


def test_a_page_tells_what_it_is_and_leads_to_the_document(house: House, admin: Client) -> None:
    text = admin.get("/streams/acme/decisions/").content.decode()
    assert "What is this page?" in text
    assert "More in the documentation" in text
