"""P9: one export as a job runs it, in a fresh process: the time, and the most memory that the process ever had."""

from __future__ import annotations

import bench.ours.product  # isort: skip  # noqa: F401  sets Django up before the ledger is imported

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ledger.models import Bundle
from ledger.selectors.bundles import BundleView, bundle
from ledger.selectors.streams import stream, stream_by_id
from ledger.services import jobs
from ledger.services.export_file import write_bundle
from ledger.services.exports import request_bundle
from ledger.storage import store


def export(name: str, last: int | None = None) -> dict[str, float]:
    """Export all of a stream, or its `last` leaves, with everything disclosed; the bundle verifies, and is removed."""
    asked = _asked(name, last)
    begun = time.perf_counter()
    _carry_out(asked)
    seconds = time.perf_counter() - begun
    written = _verified(asked)
    store().delete(written.file)
    return {"seconds": seconds, "peak_mb": _peak_mb(), "mb": (written.file_size or 0) / 1e6}


def bundle_into(name: str, target: str, disclosed: dict[str, bool]) -> None:
    """Export all of a stream, with what `disclosed` says, to an uncompressed tar."""
    asked = _asked(name)
    Bundle.objects.filter(pk=asked.id).update(disclose=disclosed)
    _carry_out(asked)
    written = _verified(asked)
    with store().open(written.file) as source, gzip.open(source) as tar:
        Path(target).write_bytes(tar.read())
    store().delete(written.file)


def policy(name: str) -> str:
    """The policy of a reader who trusts the log's own key."""
    from ledger.selectors.keys import log_vkeys  # noqa: PLC0415  (one function's need)

    return "".join(f"log {vkey}\n" for vkey in log_vkeys(stream("bench", name).id)) + "quorum none\n"


def genesis(name: str) -> str:
    """Hash of the genesis leaf, in hex."""
    return stream("bench", name).log.hex()


def _carry_out(asked: BundleView) -> None:
    """What a worker does with a job; called for this one, since several rounds of one namespace run side by side."""
    held = jobs.claim(asked.job_id)
    assert held is not None
    jobs.finish(held, write_bundle(held, stream_by_id(asked.stream_id), bundle(asked.public_id)))


def verified_offline(name: str, last: int) -> dict[str, Any]:
    """The report of `countersign-verify` on the `last` leaves of a stream, as a reader runs it: policy and genesis."""
    asked = _asked(name, last)
    _carry_out(asked)
    written = bundle(asked.public_id)
    with tempfile.TemporaryDirectory() as folder, store().open(written.file) as source:
        file, rules, trust = (Path(folder) / part for part in ("bundle.tar.gz", "trust.policy", "trust.json"))
        with file.open("wb") as target:
            shutil.copyfileobj(source, target)
        rules.write_text(policy(name))
        trust.write_text(json.dumps({"genesis": genesis(name)}))
        given = ["bundle", str(file), "--policy", str(rules), "--trust", str(trust), "--json"]
        done = subprocess.run([sys.executable, "-m", "ledger.verify", *given], capture_output=True, check=False)
    store().delete(written.file)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _asked(name: str, last: int | None = None) -> BundleView:
    target = stream("bench", name)
    end = target.signed_size
    return request_bundle(target, max(end - last, 0) if last else 0, end, actor="key:bench")[0]


def _verified(asked: BundleView) -> BundleView:
    written = bundle(asked.public_id)
    report: dict[str, Any] = written.report or {}
    assert written.outcome == "verified", report
    return written


def _peak_mb() -> float:
    """The high-water mark of this process, by the kernel."""
    lines = Path("/proc/self/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith("VmHWM"))
    return int(found.split()[1]) * 1024 / 1e6
