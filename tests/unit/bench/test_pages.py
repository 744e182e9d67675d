"""The benchmark of pages leaves none out without saying why."""

from __future__ import annotations

from bench.pages import NO_PAGES, Place, addresses
from console.views.urls import urlpatterns

PLACE = Place("bench", "full", 1, 1, 2)


def test_every_address_is_measured_or_says_why_not() -> None:
    named = {str(pattern.name) for pattern in urlpatterns}
    measured = {name for name, _, _ in addresses(PLACE)}
    assert measured | NO_PAGES.keys() == named
    assert not measured & NO_PAGES.keys()
