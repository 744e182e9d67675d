"""The `.tlog-proof` download, byte for byte as C2SP tlog-proof spells it, from leaves and note alone."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from governance.identity.core.roles import Role
from ledger.core import merkle
from ledger.selectors import checkpoints, leaves
from ledger.selectors.streams import StreamView
from tests.support.publishing import grown
from tests.support.world import Place, person, signed_in

SIZES = (2, 7)


@pytest.fixture
def stream(acme: Place, monkeypatch: pytest.MonkeyPatch) -> StreamView:
    """A log of seven leaves with two checkpoints."""
    return grown(acme.stream, *SIZES, patch=monkeypatch)


def expected(stream: StreamView, index: int, size: int) -> bytes:
    """The file, made by the words of the specification."""
    entries = [view.bytes for view in leaves.leaves(stream, 0, size)]
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    path = merkle.inclusion_proof(index, size, merkle.reader_of(hashes))
    lines = [
        b"c2sp.org/tlog-proof@v1",
        b"extra " + base64.b64encode(entries[index]),
        b"index %d" % index,
        *map(base64.b64encode, path),
        b"",
    ]
    return b"".join(line + b"\n" for line in lines) + checkpoints.at(stream, size).note


def test_every_leaf_of_every_checkpoint_is_proved_in_exactly_these_bytes(
    client: Client, acme: Place, stream: StreamView
) -> None:
    for size in SIZES:
        for index in range(size):
            address = f"{acme.path}events/{index}/proof/?size={size}&format=tlog-proof"
            answer = client.get(address, headers=acme.bearer)
            assert answer.content == expected(stream, index, size)
            assert answer["Content-Type"] == "text/plain; charset=utf-8"


def test_the_page_gives_the_same_file_under_its_extension(acme: Place, stream: StreamView) -> None:
    browser = signed_in(person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant))
    answer = browser.get("/streams/acme/decisions/events/3/proof/")
    assert answer.content == expected(stream, 3, SIZES[-1])
    assert answer["Content-Disposition"] == 'attachment; filename="acme-decisions-3.tlog-proof"'


def test_the_note_inside_is_the_checkpoint_that_the_log_serves(client: Client, acme: Place, stream: StreamView) -> None:
    proof = client.get(f"{acme.path}events/0/proof/?format=tlog-proof", headers=acme.bearer).content
    served = client.get("/log/acme/decisions/checkpoint", headers=acme.bearer).content
    assert proof.partition(b"\n\n")[2] == served
