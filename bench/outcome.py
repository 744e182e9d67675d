"""What came out: kept in bench/results.json, goal by goal, and written as bench/results.md."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import Ratio
from bench.places import FULL, ROOT, scale

KEPT = ROOT / "bench" / "results.json"
TOLD = ROOT / "bench" / "results.md"


@dataclass(frozen=True)
class Limit:
    """A part of a goal that is a number and no ratio, such as tile reads or megabytes."""

    what: str
    found: float
    goal: float

    @property
    def met(self) -> bool:
        """Whether it stays within the goal."""
        return self.found <= self.goal


@dataclass
class Outcome:
    """A goal's ratios and limits, with the absolute figures behind them; `why` is told where it is missed."""

    what: str
    ratios: list[Ratio]
    why: str
    limits: list[Limit] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def met(self) -> bool:
        """Whether every part of the goal is met."""
        parts: list[Ratio | Limit] = [*self.ratios, *self.limits]
        return all(part.met for part in parts)


def machine() -> str:
    """The machine in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} x {model}, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def keep(goal: str, outcome: Outcome) -> dict[str, Any]:
    """Enter a goal's outcome in place of its last one, and write the table anew; returns what was entered."""
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept[goal] = {
        **asdict(outcome),
        "ratios": [{**asdict(one), "median": one.median, "met": one.met, "aim": one.aim} for one in outcome.ratios],
        "limits": [{**asdict(one), "met": one.met} for one in outcome.limits],
        "met": outcome.met,
        "scale": scale().name,
        "machine": machine(),
        "measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }
    KEPT.write_text(json.dumps(dict(sorted(kept.items(), key=lambda one: int(one[0][1:]))), indent=1) + "\n")
    TOLD.write_text(_document(kept := json.loads(KEPT.read_text())))
    entered: dict[str, Any] = kept[goal]
    return entered


def row(goal: str, kept: dict[str, Any]) -> str:
    """The row of the table: `| P1 | what | ratio | goal | met or missed |`.

    What was measured at another scale than the goal's neither meets nor misses it, and says so.
    """
    result = ("met" if kept["met"] else "missed") if kept["scale"] == FULL.name else f"{kept['scale']} scale only"
    ratios = " / ".join(f"{one['median']:.2f}" for one in kept["ratios"])
    limits = "".join(f"; {_number(one['found'])} {one['what']}" for one in kept["limits"])
    aims = " / ".join(one["aim"] for one in kept["ratios"])
    most = "".join(f"; <= {_number(one['goal'])} {one['what']}" for one in kept["limits"])
    return f"| {goal} | {kept['what']} | {ratios}{limits} | {aims}{most} | {result} |"


def _document(kept: dict[str, Any]) -> str:
    lines = [
        "# Benchmarks", "",
        "Written by `make bench`; docs/benchmarks.md tells what is measured. A ratio is the median of its rounds.",
        "",
        "| goal | what | ratio | goal | result |", "|---|---|---|---|---|",
        *(row(goal, one) for goal, one in kept.items()), "",
        "## Rounds", "",
        "| goal | ratio | median | min | max | rounds | scale | measured |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for goal, one in kept.items():
        lines += [_rounds(goal, one, ratio) for ratio in one["ratios"]]
    lines += ["", "## Figures behind the ratios", ""]
    lines += ["They belong to this machine and moment, and do not carry over.", ""]
    lines += [f"- {goal}: {_figures(one)}." for goal, one in kept.items() if one["figures"]]
    lines += _section("Missed, and why", {goal: [one["why"]] for goal, one in kept.items() if not one["met"]})
    lines += _section("Notes", {goal: one["notes"] for goal, one in kept.items() if one["notes"]})
    machines = sorted({one["machine"] for one in kept.values()})
    return "\n".join([*lines, "", "## Machine", "", *(f"- {one}" for one in machines), ""])


def _rounds(goal: str, one: dict[str, Any], ratio: dict[str, Any]) -> str:
    values = ratio["rounds"]
    spread = f"{ratio['median']:.2f} | {min(values):.2f} | {max(values):.2f} | {len(values)}"
    return f"| {goal} | {ratio['what']} | {spread} | {one['scale']} | {one['measured']} |"


def _figures(one: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_number(value)}" for name, value in one["figures"].items())


def _section(title: str, told: dict[str, list[str]]) -> list[str]:
    lines = [f"- {goal}: {sentence}" for goal, sentences in told.items() for sentence in sentences]
    return ["", f"## {title}", "", *lines] if lines else []


def _number(value: float) -> str:
    if value >= 1000 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.3g}"
