"""`manage.py serve` with short pauses before a child is started again, and a chosen number of web processes.

`python -m tests.support.impatient PORT WEB_PROCESSES`. A supervisor that backs off up to 30 s would stand still
most of the time under kills that never end.
"""

from __future__ import annotations

import sys

import manage
from console.supervisor import children, programs

PAUSE_S = 0.2


def main(port: str, web_processes: str) -> None:
    children.LONGEST_PAUSE = PAUSE_S
    programs.WEB_WORKERS = int(web_processes)
    sys.argv = ["manage.py", "serve", "--port", port]
    manage.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
