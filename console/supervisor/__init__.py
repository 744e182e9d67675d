"""One process that holds all others: PostgreSQL, web, worker and scheduler.

`run` starts them, keeps them up, and takes every one of them down with itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["run"]


def run(
    *,
    port: int,
    before_ready: Callable[[], None] | None = None,
    after_ready: Callable[[], None] | None = None,
    logs: bool = False,
) -> int:
    """Start everything on `port`, hold it up until SIGINT or SIGTERM, and return the exit code.

    `before_ready` runs (in a thread) once the database is migrated and worker and scheduler are up; `/ready`
    stays 503 until it has returned. `after_ready` runs when the web server answers. A raised exception stops
    everything. `logs` sends the children's output to var/log/*.log instead of this process's output.
    """
    from console.supervisor.house import House  # noqa: PLC0415  (commands import this package before they need it)

    return House(port=port, before_ready=before_ready, after_ready=after_ready, quiet=logs).run()
