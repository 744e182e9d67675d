"""The model as a file, so that its digest in the events can be recomputed, and the time of its training."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from console.demo.computation.model import Model
from console.demo.sources.making import utc_text
from ledger.core.canonical import canonical


def keep(model: Model, path: Path) -> str:
    """Write the model's canonical bytes to `path` unless they stand there; returns when they were written."""
    body = canonical(model.as_json())
    if not path.exists() or path.read_bytes() != body:
        path.write_bytes(body)
    return utc_text(datetime.fromtimestamp(path.stat().st_mtime, tz=UTC))
