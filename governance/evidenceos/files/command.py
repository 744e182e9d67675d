"""The command that makes a daemon read its files again, as somebody entered it at the server.

Guarantees that no shell sees it, that it and everything that it began is ended when it takes too long, and that what it
leaves running keeps nobody waiting.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from governance.evidenceos.errors_of_targets import TargetUnreadable

COMMAND_S: Final = 30.0
_MOST_TOLD: Final = 200


def run_command(words: Sequence[str], patience: float = COMMAND_S) -> None:
    """Run it to its end; raises TargetUnreadable where it is not there, fails, or takes longer than `patience` (s)."""
    with tempfile.TemporaryFile() as said:
        try:
            child = subprocess.Popen(  # noqa: S603  (entered at the server alone)
                [*words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise _refused(words, str(error)) from error
        try:
            ended = child.wait(patience)
        except subprocess.TimeoutExpired as error:
            raise _refused(words, f"it had not ended after {patience:g} seconds, and was ended") from error
        finally:
            _end(child)
        if ended != 0:
            said.seek(0)
            told = said.read(4 * _MOST_TOLD).decode("utf-8", "replace").strip()[:_MOST_TOLD]
            raise _refused(words, f"it ended with {ended}{f': {told}' if told else ''}")


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the command's whole session, where the command itself has not ended."""
    if child.poll() is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _refused(words: Sequence[str], why: str) -> TargetUnreadable:
    return TargetUnreadable("The daemon could not be told", why=f"{words[0] if words else 'no command'}: {why}"[:300])
