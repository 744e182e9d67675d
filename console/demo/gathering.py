"""Everything that this machine has for the demo, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from console.demo.sources import Found
from console.demo.sources.apt_history import find_transactions
from console.demo.sources.dpkg_log import find_changes
from console.demo.sources.dpkg_packages import find_packages
from console.demo.sources.git_history import find_commits
from console.demo.sources.python_packages import find_files


@dataclass(frozen=True)
class Gathered:
    """What each stream will be filled with; the decisions are made from `files`."""

    files: Found
    packages: Found
    commits: Found
    package_log: Found


def gather(checkout: Path, pseudonym_key: bytes) -> Gathered:
    """Read all sources; one that is missing is empty and says so."""
    log, transactions = find_changes(), find_transactions()
    both = sorted((*log.events, *transactions.events), key=lambda event: event.time or "")
    return Gathered(
        files=find_files(),
        packages=find_packages(),
        commits=find_commits(checkout, pseudonym_key),
        package_log=Found(tuple(both), f"{log.sentence}; {transactions.sentence}"),
    )
