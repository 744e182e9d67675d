"""A process of its own that decides a change of a data directory and writes it, and may die at any point of it.

`python -m tests.support.evidenceos_writer TARGET POINT`: plans two files and a line, and dies at POINT by os._exit.
"""

from __future__ import annotations

import os
import sys

import django

DEAD = 137
POINTS = (
    "planned", "before 0", "after 0", "before 1", "beside", "renamed", "after 1", "before 2", "after 2", "written",
    "closed",
)  # fmt: skip
"""Every point of a plan of one line and two files, in the order in which they are reached."""


def main(slug: str, point: str) -> None:
    django.setup()
    from datetime import UTC, datetime  # noqa: PLC0415 - after django.setup

    from governance.evidenceos.actions import carry  # noqa: PLC0415 - after django.setup
    from tests.support.evidenceos_target import decided  # noqa: PLC0415 - after django.setup

    def die(name: str) -> None:
        if name == point:
            os._exit(DEAD)

    carry.quietly = lambda _number, _now: True  # type: ignore[assignment]  # written below, with points to die at
    row = decided(slug)
    carry.carry(row.pk, datetime.now(UTC), die)


if __name__ == "__main__":
    main(*sys.argv[1:])
