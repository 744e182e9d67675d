"""Keeps one run's PostgreSQL: starts it, waits until the run has ended in any way, takes it all away."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from pathlib import Path

from console.supervisor.layout import Layout
from console.supervisor.postgres import Cluster
from tests.support.server import held

SETTINGS = {"max_connections": "300", "shared_buffers": "64MB", "autovacuum": "off", "max_wal_size": "512MB"}
SETTINGS["dynamic_shared_memory_type"] = "mmap"  # nothing is left in /dev/shm by a server that is killed


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest; its end is ours
    run = Path(sys.argv[1])
    state = run / "state"
    state.mkdir(mode=0o711)
    cluster = Cluster(Layout.at(state), "only-for-this-run", settings=SETTINGS)
    cluster.start(log=run / "postgres.log")
    draft = run / "keeper.json.new"
    draft.write_text(json.dumps({"admin_url": cluster.admin_url}))
    draft.rename(run / "keeper.json")
    with held(run / "alive.lock"):
        cluster.stop(how=signal.SIGQUIT)
    cluster.layout.wipe()
    shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    main()
