"""A worker of its own that carries out one job, and stands still at a point until it is killed.

`python -m tests.support.job_worker JOB POINT`. It says `there` when it has come to the point, and `done` where it never
came by. Points: `progress`, the job has told of some of its work; `file`, a bundle's file lies in the store and its row
does not name it; `finish`, all is done and the job does not say so; `after`, the job says so, and what it needed lies
there still.
"""

from __future__ import annotations

import sys
import time
import uuid
from typing import Any
from unittest.mock import patch

import django

BATCH = 3


def main(public_id: str, point: str) -> None:
    django.setup()
    from ledger.selectors.jobs import job  # noqa: PLC0415 - after django.setup
    from ledger.services import export_file, importing, jobs  # noqa: PLC0415 - likewise
    from ledger.storage import store  # noqa: PLC0415 - likewise
    from ledger.tasks import RUNNERS  # noqa: PLC0415 - likewise

    places = {"file": (export_file, "_store"), "finish": (jobs, "finish"), "after": (type(store()), "delete"),
              "progress": (jobs, "progress")}  # fmt: skip
    where, name = places[point]
    whole = getattr(where, name)

    def standing(*given: Any, **named: Any) -> Any:
        if point == "progress":
            whole(*given, **named)
            if given[1] < BATCH:
                return
        _stand()

    importing.BATCH_EVENTS = BATCH
    with patch.object(where, name, standing):
        RUNNERS[job(uuid.UUID(public_id)).kind](public_id)
    sys.stdout.write("done\n")


def _stand() -> None:
    sys.stdout.write("there\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
