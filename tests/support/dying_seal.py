"""Seal a stream of an installation, and die on the way: `python -m tests.support.dying_seal NS NAME POINT`."""

from __future__ import annotations

import os
import sys
from functools import partial

import django

from console.supervisor.environment import complete

DEAD = 137


def main(namespace: str, name: str, point: str) -> None:
    complete(os.environ, command="window_seal")
    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
    django.setup()
    from ledger.selectors.streams import stream  # noqa: PLC0415 - after django.setup
    from ledger.services.seal import seal_window  # noqa: PLC0415 - likewise
    from tests.support.failpoints import dying  # noqa: PLC0415 - likewise

    with dying(point, partial(os._exit, DEAD)) as reached:
        seal_window(stream(namespace, name).id, reason="request", reached=reached)


if __name__ == "__main__":
    main(*sys.argv[1:])
