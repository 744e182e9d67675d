"""The history of the checkout. Authors appear as pseudonyms under a key that stays on this machine."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
from collections.abc import Iterator
from pathlib import Path

from console.demo.sources import Found
from console.demo.sources.making import event_of
from ledger.core.event import RawEvent
from ledger.core.types import JSONObject

KIND = "source.commit"
SOURCE = "urn:countersign:demo:git-history"
FORMAT = "%x1e%H%x1f%P%x1f%aE%x1f%cI%x1f%s"
_SECONDS = 60
_PSEUDONYM_DIGITS = 16


def find_commits(checkout: Path, pseudonym_key: bytes) -> Found:
    """Events for the commits reachable from HEAD, oldest first; none without a repository or without git."""
    if not (checkout / ".git").exists():
        return Found((), "no history: this folder is not a git checkout")
    command = (
        "git",
        "-C",
        str(checkout),
        "log",
        "--reverse",
        "--no-color",
        "--no-mailmap",
        f"--format={FORMAT}",
    )
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 (fixed words)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Found((), f"no history: git could not be run ({type(error).__name__})")
    if done.returncode:
        return Found((), f"no history: git said {done.stderr.decode(errors='replace').strip()[:120]}")
    events = tuple(events_in(done.stdout.decode(errors="replace"), pseudonym_key))
    return Found(events, f"{len(events):,} commits of this checkout")


def events_in(text: str, pseudonym_key: bytes) -> Iterator[RawEvent]:
    """One event for each record of `git log --format=FORMAT`; the commit's hash is its id."""
    for record in text.split("\x1e")[1:]:
        commit, parents, email, time, subject = record.rstrip("\n").split("\x1f", 4)
        payload: JSONObject = {
            "commit": commit,
            "parents": list(parents.split()),
            "author": pseudonym(email, pseudonym_key),
            "subject": subject,
        }
        yield event_of(KIND, SOURCE, payload, time=time, subject=f"commit/{commit}", event_id=commit)


def pseudonym(email: str, key: bytes) -> str:
    """`author:` and 64 bits of HMAC-SHA-256: equal for equal people, not to be guessed without the key."""
    return "author:" + hmac.digest(key, email.lower().encode(), hashlib.sha256).hex()[:_PSEUDONYM_DIGITS]
