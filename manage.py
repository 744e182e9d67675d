#!/usr/bin/env python3
"""Countersign's commands. Fills in what the environment leaves out, then hands over to Django."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one command. The environment is completed first, since settings read nothing else."""
    from console.supervisor.environment import complete  # noqa: PLC0415  (after the interpreter found its virtualenv)

    if sys.argv[1:2] == ["demo"] and "--reset" in sys.argv:
        from console.demo.reset import reset_or_exit  # noqa: PLC0415  (only here, and before secrets are read)

        reset_or_exit(os.environ)
    complete(os.environ, command=sys.argv[1] if len(sys.argv) > 1 else "help")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (must see the completed environment)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
