"""Imports as jobs: a file that was uploaded, or one that a command reads; either has a page that tells how far it is.

Guarantees what `importing` does: a job that is begun again adds nothing twice. An uploaded file is kept until its job
ends, and a week at most.
"""

from __future__ import annotations

import gzip
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, cast

from ledger.errors import JobConflict, NotThere
from ledger.selectors.jobs import JobView, done_of
from ledger.selectors.streams import StreamView, stream
from ledger.services import carrying, jobs
from ledger.services.import_formats import FORMATS
from ledger.services.importing import Imported, import_lines
from ledger.storage import store

KIND = "import"
TASK = "ledger.tasks.run_import"
PREFIX = "imports"
KEPT_MS = 7 * 24 * 3600 * 1000


def request_import(into: StreamView, file: Path, name: str, form: str, *, actor: str) -> JobView:
    """Keep the file and hand its import to a worker; `form` is one of FORMATS, `name` what its lines are named after.

    Raises NotThere for a file that cannot be read.
    """
    lines = count_lines(file)
    made = _entered(into, name, lines, actor, {"format": form})
    store().put_file(_key(made.public_id), file)
    carrying.enqueue(made, TASK)
    return made


def run_import(job_id: uuid.UUID) -> None:
    """Carry out the import whose turn it is."""
    carrying.carry_out(job_id, TASK, _imported, lambda job: store().delete(_key(job.public_id)))


@contextmanager
def told(into: StreamView, name: str, lines: int, *, actor: str) -> Iterator[Callable[[Imported], None]]:
    """The job of a command that imports by itself: what is yielded tells it how far it is, and ends it if cancelled."""
    held = jobs.claim(_entered(into, name, lines, actor, {}).public_id)
    if held is None:
        raise JobConflict("The job of this import was cancelled before it began")
    last = Imported()

    def tell(so_far: Imported) -> None:
        nonlocal last
        last = so_far
        jobs.progress(held, so_far.lines, message="appending")

    try:
        yield tell
    except JobConflict:
        raise
    except BaseException as error:
        next_step = "Run the same command again: nothing is added twice."
        jobs.fail(held, {"code": "interrupted", "what": "The command ended", "why": str(error), "next": next_step})
        raise
    jobs.finish(held, asdict(last))


def _entered(into: StreamView, name: str, lines: int, actor: str, more: dict[str, Any]) -> JobView:
    params = {"stream": into.name, "file": name[:200], **more}
    return jobs.create(KIND, actor=actor, params=params, namespace=into.namespace, total=lines, unit="lines")


def _imported(held: jobs.Claim) -> dict[str, Any]:
    job, params = held.job, held.job.params
    if "format" not in params:
        raise NotThere(
            "The command that made this import ended before it", next_step="Run it again: nothing is added twice."
        )
    into, key = stream(job.namespace, params["stream"]), _key(job.public_id)
    jobs.progress(held, 0, message="appending")
    with _lines(store().open(key)) as lines:
        done = import_lines(
            into, lines, FORMATS[params["format"]], actor=job.actor, source=f"urn:file:{params['file']}",
            tell=lambda so_far: jobs.progress(held, so_far.lines),
        )  # fmt: skip
    return asdict(done)


def sweep_uploads(now_ms: int | None = None) -> int:
    """Delete uploads of jobs (UUIDv7) that are done or older than a week; returns how many."""
    before = (now_ms or int(time.time() * 1000)) - KEPT_MS
    asked = {key: key.rpartition("/")[2] for key in store().keys(PREFIX)}
    done = {found.hex for found in done_of(KIND, {uuid.UUID(hex=name) for name in asked.values()})}
    old = [key for key, name in asked.items() if int(name[:12], 16) < before or name in done]
    for key in old:
        store().delete(key)
    return len(old)


def count_lines(file: Path) -> int:
    """How many lines the file has, unpacked where it is gzipped; raises NotThere."""
    try:
        with _lines(file.open("rb")) as lines:
            return sum(1 for _ in lines)
    except (EOFError, gzip.BadGzipFile) as error:
        raise NotThere("The file is not whole", why=str(error), next_step="Fetch or pack it again.") from error
    except OSError as error:
        raise NotThere("The file cannot be read", why=str(error), next_step="Name a readable file.") from error


def _lines(file: IO[bytes]) -> IO[bytes]:
    zipped = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return cast("IO[bytes]", gzip.open(file, "rb")) if zipped else file


def _key(public_id: uuid.UUID) -> str:
    return f"{PREFIX}/{public_id.hex[-2:]}/{public_id.hex}"
