"""P2: single events over HTTP, against a plain view with one unchained ORM insert on the same server."""

from __future__ import annotations

from functools import partial

from bench.house import House
from bench.measure import interleaved
from bench.outcome import Outcome
from bench.places import scale
from bench.web.rounds import Setting, best, opened
from bench.web.server import blocking, product

WHAT = "HTTP single events, 32 in flight, receipted : plain unchained one-row ORM insert view, 32 in flight"
WHY = (
    "A request takes 1.0 ms of one interpreter (a third of it headers, policy and the log), a group 1.3 ms more: "
    "two round trips, the commit's sync, the guard's question and its sync. The view asks nobody, hashes nothing and "
    "promises nothing."
)
GOAL = 1.3
IN_FLIGHT = 32
WORKERS = (2, 4)
THREADS = (4, 16)


def run(house: House) -> Outcome:
    """Each at its own best settings, which are tried out first; the view has the product's middleware around it."""
    seconds = scale().seconds
    with opened(house) as scene:
        ours = [
            Setting(f"ours, {count} workers", partial(product, workers=count), scene.environ()) for count in WORKERS
        ]
        environ = scene.environ(DJANGO_SETTINGS_MODULE="bench.web.settings")
        plain = [Setting(f"plain, {count} workers", partial(product, workers=count), environ) for count in WORKERS]
        plain += [
            Setting(
                f"plain, {count} workers of {threads} blocking threads",
                partial(blocking, workers=count, threads=threads),
                environ,
            )
            for count in WORKERS
            for threads in THREADS
        ]
        with (
            best(ours, lambda port: scene.send(port, IN_FLIGHT, 2)) as (mine, port),
            best(plain, lambda port: scene.send_plain(port, IN_FLIGHT, 2)) as (theirs, plain_port),
        ):
            rounds = interleaved(
                scale().rounds,
                {
                    "ours": lambda: scene.send(port, IN_FLIGHT, seconds),
                    "plain": lambda: scene.send_plain(plain_port, IN_FLIGHT, seconds),
                },
                "events/s",
            )
        scene.audit()
    ratio = rounds.ratio("ours : plain", "ours", "plain", GOAL)
    figures = {f"{name} events/s": rounds.median(name) for name in rounds.values}
    return Outcome(WHAT, [ratio], WHY, figures=figures, notes=[f"Settings: {mine.name}; {theirs.name}."])
