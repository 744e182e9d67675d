"""A second portal: a process with another database, over a directory that the first one governs as well.

`python -m tests.support.evidenceos_portal DIRECTORY WORD...`; words are `adopt`, `decide`, `tend`, in this order.
Prints what it sees then as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django

OURS = {"trusted-nullspec-keys/second.pub": b"of the second portal"}


def main(root: Path, words: list[str]) -> None:
    django.setup()
    from governance.evidenceos.actions.watch import tend  # noqa: PLC0415 - after django.setup
    from governance.evidenceos.models import Plan, Sighting  # noqa: PLC0415 - after django.setup
    from tests.support.evidenceos_target import adopted, decided  # noqa: PLC0415 - after django.setup
    from tests.support.world import found_platform, moment  # noqa: PLC0415 - after django.setup

    if "adopt" in words:
        found_platform()
        adopted(root)
    if "decide" in words:
        decided(change="second", files=OURS)
    if "tend" in words:
        tend(moment())
    open_now = Sighting.objects.filter(ended__isnull=True).order_by("path").values_list("path", "code")
    plans = Plan.objects.order_by("id").values_list("change", "state", "code")
    sys.stdout.write(json.dumps({"sightings": [*map(list, open_now)], "plans": [*map(list, plans)]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
