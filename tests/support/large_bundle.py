"""A large bundle in a file: the corpus's own log over many events, with receipts and every object."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.cases import own, packed
from tests.corpus.draft import draft_of
from tests.corpus.log import Log

WINDOW = 10_000


def write_large_bundle(folder: Path, events: int) -> tuple[Path, Path]:
    """The bundle as `.tar` and as `.tar.gz`; the same number gives the same bytes."""
    log = Log()
    log.genesis()
    for start in range(0, events, WINDOW):
        log.events(start, min(WINDOW, events - start))
        log.seal()
    tar = own(draft_of(log, 0, log.size - 1))
    plain, gz = folder / f"{events}.tar", folder / f"{events}.tar.gz"
    plain.write_bytes(tar)
    gz.write_bytes(packed(tar))
    return plain, gz
