"""Start over: forget the embedded database, its head guard, the secrets and with them the host label."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from console.supervisor import registry
from console.supervisor.layout import Layout


class ResetRefused(RuntimeError):
    """Starting over is not ours to do here."""


def reset(environ: Mapping[str, str]) -> None:
    """Remove everything below the state directory. Raises ResetRefused or registry.AlreadyRunning.

    To be called before anything reads the secrets; the next reader draws new ones.
    """
    if environ.get("DATABASE_URL"):
        raise ResetRefused(
            "RESET=1 forgets the embedded database alone, and DATABASE_URL names another. "
            "Next: create an empty database, name it in DATABASE_URL, and start without RESET."
        )
    layout = Layout.of(environ)
    with registry.exclusive(layout.run):
        registry.end_leftovers(layout.run)
        layout.wipe()


def reset_or_exit(environ: Mapping[str, str]) -> None:
    """The same for a command line: a refusal is one line and exit code 1."""
    try:
        reset(environ)
    except (ResetRefused, registry.AlreadyRunning) as refusal:
        sys.stderr.write(f"countersign: {refusal}\n")
        raise SystemExit(1) from refusal
