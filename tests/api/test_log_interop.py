"""Go's sumdb packages and Tessera's fsck, which nobody here wrote, accept our logs and refuse altered ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from console.wsgi import application
from ledger.selectors import checkpoints
from ledger.selectors.keys import log_vkeys
from ledger.selectors.streams import StreamView
from ledger.storage import store, tile_key
from tests.support.go import built, installed, run
from tests.support.live import listening
from tests.support.publishing import grown, publish
from tests.support.world import Place

pytestmark = pytest.mark.optional

FSCK, FSCK_VERSION = "github.com/transparency-dev/tessera", "v1.0.4"
MOD, MOD_VERSION = "golang.org/x/mod", "v0.33.0"
READER = Path(__file__).with_name("sumdb_reader.go")
SIZES = (3, 300, 700)


@pytest.fixture
def stream(acme: Place, monkeypatch: pytest.MonkeyPatch) -> StreamView:
    """A log with full and partial tiles."""
    return grown(acme.stream, *SIZES, patch=monkeypatch)


@pytest.fixture
def prefix(stream: StreamView) -> Iterator[str]:
    """The log's address on a live server."""
    with listening(application) as url:
        yield f"{url}/log/acme/decisions/"
    connections.close_all()


@pytest.fixture(scope="module")
def fsck_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tessera's fsck."""
    return installed(tmp_path_factory.mktemp("fsck"), f"{FSCK}/cmd/fsck", FSCK, FSCK_VERSION)


@pytest.fixture(scope="module")
def sumdb_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reader that uses Go's sumdb packages."""
    return built(tmp_path_factory.mktemp("sumdb"), READER, MOD, MOD_VERSION)


def fsck(program: Path, stream: StreamView, prefix: str, *more: str) -> str:
    """What fsck says; it tells its verdict in words, whatever its exit code, and may not end after a refusal."""
    key = program.with_name("public.key")
    key.write_text(str(log_vkeys(stream.id)[0]))
    _, told = run(program, "--ui=false", "-v=1", "--storage_url", prefix, "--public_key", str(key), *more, seconds=20)
    return told


def test_tesseras_fsck_accepts_a_public_log(stream: StreamView, prefix: str, fsck_program: Path) -> None:
    publish(stream, tiles=True, entries=True)
    told = fsck(fsck_program, stream, prefix)
    assert "fsck failed" not in told, told
    assert "Successfully fsck" in told, told


def test_tesseras_fsck_accepts_a_private_log_with_its_key(
    acme: Place, stream: StreamView, prefix: str, fsck_program: Path
) -> None:
    assert "Successfully fsck" in fsck(fsck_program, stream, prefix, "--bearer_token", acme.token)
    assert "Successfully fsck" not in fsck(fsck_program, stream, prefix)


@pytest.mark.parametrize("path", ["tile/0/001", "tile/1/000.p/2", "tile/entries/002.p/188"])
def test_tesseras_fsck_refuses_an_altered_one(stream: StreamView, prefix: str, fsck_program: Path, path: str) -> None:
    publish(stream, tiles=True, entries=True)
    alter(stream, path)
    told = fsck(fsck_program, stream, prefix)
    assert "Successfully fsck" not in told, told
    assert ":Invalid" in told, told


def sumdb(program: Path, stream: StreamView, prefix: str) -> tuple[int, str]:
    """The reader on the whole log: every leaf's inclusion, and consistency from each older checkpoint."""
    older = [f"{size}:{checkpoints.at(stream, size).root.hex()}" for size in SIZES]
    return run(program, prefix, str(log_vkeys(stream.id)[0]), stream.origin, *older)


def test_gos_sumdb_opens_the_note_and_proves_every_leaf(stream: StreamView, prefix: str, sumdb_program: Path) -> None:
    publish(stream, tiles=True, entries=True)
    assert sumdb(sumdb_program, stream, prefix) == (0, "700 leaves, 3 checkpoints\n")


@pytest.mark.parametrize("path", ["tile/0/001", "tile/1/000.p/2", "tile/entries/002.p/188"])
def test_gos_sumdb_refuses_an_altered_one(stream: StreamView, prefix: str, sumdb_program: Path, path: str) -> None:
    publish(stream, tiles=True, entries=True)
    alter(stream, path)
    assert sumdb(sumdb_program, stream, prefix)[0] == 1


def alter(stream: StreamView, path: str) -> None:
    """Change one bit in the middle of a stored tile."""
    key = tile_key(stream.origin, path)
    data = bytearray(store().get(key))
    data[len(data) // 2] ^= 1
    store().delete(key)
    store().put(key, bytes(data))
