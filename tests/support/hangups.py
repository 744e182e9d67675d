"""For a shell that traps SIGHUP: one that is started with the signal ignored, as below nohup, cannot trap it."""

from __future__ import annotations

from typing import Final

HEARS_HANGUPS: Final = ("env", "--default-signal=HUP")
"""Words before a command whose process takes SIGHUP as usual."""
