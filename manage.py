#!/usr/bin/env python3
"""Countersign's commands. Fills in what the environment leaves out, then hands over to Django."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

VENV = Path(__file__).resolve().parent / ".venv"


def main() -> None:
    """Run one command. The environment is completed first, since settings read nothing else."""
    enter_virtualenv()
    if sys.argv[1:2] == ["demo"] and "--reset" in sys.argv:
        from console.demo.reset import reset_or_exit  # noqa: PLC0415  (before anything reads what it forgets)

        reset_or_exit(os.environ)
    from console.supervisor.environment import complete  # noqa: PLC0415  (after the interpreter found its virtualenv)

    complete(os.environ, command=sys.argv[1] if len(sys.argv) > 1 else "help")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (must see the completed environment)

    execute_from_command_line(sys.argv)


def enter_virtualenv() -> None:
    """Started as ./manage.py by an interpreter without the packages: go on with the checkout's own."""
    python = VENV / "bin" / "python"
    if find_spec("django") is None and Path(sys.prefix) != VENV and python.exists():
        os.execv(python, [str(python), *sys.argv])  # noqa: S606  (no shell is the point)


if __name__ == "__main__":
    main()
