"""How tests are spread over the workers: one by one, but files that share something expensive stay on one worker.

Such a file has a fixture for the whole module. Spread like the others, its tests would make the demo, a server or a
corpus once on every worker.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types

ROOT = Path(__file__).resolve().parents[2]


class Spread(LoadScopeScheduling):  # type: ignore[misc]  # likewise
    """Whole files first, the largest of them first; then single tests in their order."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if shares(path) else nodeid


@cache
def shares(path: str) -> bool:
    """Whether the file of this path (from the root) has a fixture that lasts for all of its tests."""
    file = ROOT / path
    return file.is_file() and 'scope="module"' in file.read_text(encoding="utf-8")
