"""Where the vector sets beside the repository are, for tests that run whole sets when they are present."""

from __future__ import annotations

from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "vectors"


def missing(name: str) -> bool:
    """Tell whether the set is absent, so that its tests are skipped."""
    return not (SHARED / name).is_dir()
