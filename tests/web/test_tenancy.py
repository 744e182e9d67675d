"""No tenant sees anything of another: what is foreign and what does not exist give the same answer."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from ledger.selectors import streams
from tests.web.house import House

PATHS = (
    "", "events/", "events/0/", "events/0/proof/", "export/", "export/count/", "trust-sheet/",
    "windows/", "windows/1/", "checkpoints/", "checkpoints/14/", "keys/",
)  # fmt: skip


def told(response: object) -> str:
    """The page without what differs by nature: the token of its form and the address it goes back to."""
    text = response.content.decode()  # type: ignore[attr-defined]  # the test client decodes
    return re.sub(r'(name="(csrfmiddlewaretoken|next)" value=")[^"]*', r"\1", text)


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_stream_and_an_unknown_one_give_the_same_404(admin: Client, path: str) -> None:
    foreign = admin.get(f"/streams/beta/decisions/{path}")
    unknown = admin.get(f"/streams/acme/nothing/{path}")
    nowhere = admin.get(f"/streams/no-such-namespace/nothing/{path}")
    assert foreign.status_code == unknown.status_code == nowhere.status_code == 404
    assert told(foreign) == told(unknown) == told(nowhere)


def test_a_leaf_that_does_not_exist_is_a_404(admin: Client) -> None:
    assert admin.get("/streams/acme/decisions/events/9999/").status_code == 404
    assert admin.get("/streams/acme/decisions/events/99999999999999999999/").status_code == 404


def test_lists_hold_nothing_of_others(admin: Client) -> None:
    for path in ("/", "/streams/", "/streams/?q=decisions", "/bundles/"):
        text = admin.get(path).content.decode()
        assert "beta/" not in text, path


@pytest.mark.parametrize("path", ["seal/", "export/"])
def test_posting_to_a_foreign_stream_changes_nothing(house: House, admin: Client, path: str) -> None:
    before = streams.stream("beta", "decisions")
    assert admin.post(f"/streams/beta/decisions/{path}").status_code == 404
    assert streams.stream("beta", "decisions") == before


def test_unknown_bundles_and_jobs_are_404(admin: Client) -> None:
    nothing = "01a1fdc4-ceca-7541-a0d7-7a4987f3efe1"
    for path in (
        f"/bundles/{nothing}/",
        f"/bundles/{nothing}/download/",
        f"/jobs/{nothing}/",
        f"/jobs/{nothing}/bar/",
    ):
        assert admin.get(path).status_code == 404


def test_probing_for_a_foreign_stream_and_for_an_unknown_one_is_recorded_alike(admin: Client) -> None:
    sizes = [streams.stream("_system", "events").size]
    for path in ("/streams/beta/decisions/", "/streams/acme/nothing/"):
        admin.get(path)
        sizes.append(streams.stream("_system", "events").size)
    assert sizes[1] - sizes[0] == sizes[2] - sizes[1] == 1
