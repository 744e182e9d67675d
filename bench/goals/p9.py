"""P9: export of a large stream against export of a smaller one: time for each event, and memory; then far behind."""

from __future__ import annotations

import os
import statistics
from contextlib import ExitStack

from bench.house import House
from bench.measure import Rounds
from bench.outcome import Limit, Outcome
from bench.places import say, scale
from bench.streams import Kept

WHAT = (
    "export of 1,000,000 events : of 100,000, time per event; the last 1,000,000 and the last 100,000 of 10,000,000 "
    "leaves : streams of that size"
)
WHY = ""
GOAL, MEMORY_AT_MOST_MB = 1.2, 128
LARGE, SMALL = ("many", "deep many"), ("few", "deep few")
_BESIDE = dict(zip(SMALL, LARGE, strict=True))


def run(house: House) -> Outcome:
    """Each export in a process of its own; receipts, attributes and payloads disclosed, and verified as exported.

    An export of a million events takes minutes. So several large ones run at a time, and beside them, until the
    last of them has ended, one small one after the other: all have the same company.
    """
    kept = Kept(house)
    asked = _asked(kept)
    values: dict[str, list[float]] = {name: [] for name in asked}
    peak = 0.0
    waiting = [name for _ in range(scale().rounds) for name in LARGE]
    while waiting:
        lanes = max(1, (os.cpu_count() or 1) - 1)
        wave, waiting = waiting[:lanes], waiting[lanes:]
        large, small = _wave(house, kept, asked, wave)
        peak = max(peak, *(one["peak_mb"] for told in (large, *small.values()) for one in told))
        for name, one in zip(wave, large, strict=True):
            values[name].append(_each(one, scale().many_events))
        for name, found in small.items():
            usual = statistics.median(_each(one, scale().few_events) for one in found)
            values[name] += [usual] * wave.count(_BESIDE[name])
        say(f"  microseconds an event: {', '.join(f'{name} {found[-1]:,.1f}' for name, found in values.items())}")
    _verify_offline(house, kept, asked)
    return _outcome(values, peak)


Told = dict[str, float]
Asked = dict[str, dict[str, int | str]]


def _asked(kept: Kept) -> Asked:
    """What each contender exports: all of a stream, or the end of the largest."""
    most = kept.stream(scale().many_leaves)
    return {
        "many": {"name": kept.stream(scale().many_events)},
        "deep many": {"name": most, "last": scale().many_events},
        "few": {"name": kept.stream(scale().few_events)},
        "deep few": {"name": most, "last": scale().few_events},
    }


def _wave(
    house: House, kept: Kept, asked: Asked, names: list[str]
) -> tuple[list[Told], dict[str, list[Told]]]:  # fmt: skip
    """Some large exports at once, and the small ones in turn beside them."""
    small: dict[str, list[Told]] = {name: [] for name in SMALL}
    with ExitStack() as stack:
        large = [stack.enter_context(house.ours("exporting", kept.urls)) for _ in names]
        for one, name in zip(large, names, strict=True):
            one.begin("export", **asked[name])
        while not all(small.values()) or not all(one.has_answered() for one in large):
            for name in SMALL:
                with house.ours("exporting", kept.urls) as ours:
                    small[name].append(ours.run("export", **asked[name]))
                say(f"    {name}: {small[name][-1]['seconds']:.1f} s")
        return [one.answer() for one in large], small


def _each(told: Told, events: int) -> float:
    return told["seconds"] / events * 1e6


def _verify_offline(house: House, kept: Kept, asked: Asked) -> None:
    """What `countersign-verify` says of the end of the largest stream, under the policy and genesis of a reader."""
    with house.ours("exporting", kept.urls) as ours:
        report = ours.run("verified_offline", **asked["deep few"])
    assert report["outcome"] == "verified", report


def _outcome(values: dict[str, list[float]], peak: float) -> Outcome:
    rounds = Rounds(values)
    ratios = [
        rounds.ratio("many events : few events", "many", "few", GOAL, most=True),
        rounds.ratio("many events at the end of many leaves : a stream of them", "deep many", "many", GOAL, most=True),
        rounds.ratio("few events at the end of many leaves : a stream of them", "deep few", "few", GOAL, most=True),
    ]
    figures = {f"{name} microseconds an event": rounds.median(name) for name in values}
    return Outcome(WHAT, ratios, WHY, [Limit("MB peak", peak, MEMORY_AT_MOST_MB)], figures)
