"""No page is added without a place in the gallery, where somebody looks at it."""

from __future__ import annotations

from tests.e2e.gallery import missing


def test_every_page_has_a_place_in_the_gallery() -> None:
    assert missing() == []
