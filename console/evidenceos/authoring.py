"""A NullSpec contract while it forms: what is said so far, what is missing, its numbers plotted, its bytes and checks.

Guarantees that bytes and id are those of the pure core, written by this server; nothing of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from console import words
from console.evidenceos import plots
from governance.evidenceos.core.canary import CanaryConfig
from governance.evidenceos.core.codes import code_of
from governance.evidenceos.core.evalues import Evidence, after
from governance.evidenceos.core.faults import Fault, fault_of
from governance.evidenceos.core.floats import serde_float
from governance.evidenceos.core.keys import check_name
from governance.evidenceos.core.nullspec import Contract, Dirichlet, DiscreteBuckets
from governance.evidenceos.core.nullspec_checks import number_faults, reading_faults
from governance.evidenceos.core.samples import Sample, null_of, samples_of
from governance.evidenceos.errors import BucketOutOfRange, NameUnsafe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.utils.safestring import SafeString

BARRIER: Final = CanaryConfig().barrier
"""The canary's, where the daemon is configured as it comes."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A sequence under the contract: its last and highest e-value, where it crossed, and what stopped it."""

    words: str
    steps: int
    last: str
    highest: str
    crossed: int | None
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One check in words: its state, what was found, the next step and the code."""

    state: str
    words: str
    next: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast logical epochs pass: `now` is the present one, and each takes `seconds`."""

    now: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The null and its e-process, plotted; rows hold bucket, count, chance and weight as they are written."""

    distribution: SafeString
    evidence: SafeString
    ran: tuple[Ran, ...]
    rows: tuple[tuple[int, str, str, str], ...]
    counted: bool


def numbers_of(contract: Contract, counts: tuple[int, ...], sequences: tuple[Sample, ...]) -> Numbers:
    """The plots of a contract; `counts` where there are any, and the reader's own sequences or else the usual ones."""
    chances, total = null_of(contract), sum(counts)
    shares = [
        plots.Share(str(n), one, counts[n] / total if total and len(counts) == len(chances) else None)
        for n, one in enumerate(chances)
    ]
    asked = sequences or samples_of(contract)
    runs = [_run(contract, one) for one in asked[: plots.SERIES]]
    return Numbers(
        plots.distribution(shares),
        plots.evidence([series for series, _ in runs], BARRIER),
        tuple(ran for _, ran in runs),
        tuple(_rows(contract, chances, counts)),
        bool(total),
    )


def checks_of(contract: Contract, bound: Iterable[Told]) -> list[Told]:
    """Everything that can be said of an unsigned contract, without a directory to hold it against; a name that is not
    said yet is no fault.
    """
    return [
        *(_told("The oracle's name can be that of a folder.", _name_faults(contract)) if contract.oracle_id else ()),
        *_told("Kind and e-process go together, every number is in its range, and chances sum to 1.",
               number_faults(contract)),
        *_told("The daemon reads back every number as it is written, so that the id stays the same.",
               reading_faults(contract)),
        *bound,
    ]  # fmt: skip


def state_of(lacking: Sequence[str], checks: Iterable[Told]) -> str:
    """`pass` where nothing is missing and no check failed: only then are there bytes to sign."""
    if any(one.state == "fail" for one in checks):
        return "fail"
    return "not_evaluated" if lacking else "pass"


def lasts(contract: Contract, rate: Rate | None, now: datetime) -> str:
    """Until when it holds: in epochs, and as a date only where somebody says how fast they pass."""
    last = contract.last_epoch
    told = f"It holds from epoch {words.grouped(contract.epoch_created)} through epoch {words.grouped(last)}."
    if rate is None:
        return f"{told} A date is told where the present epoch and the length of one are given."
    if rate.now > last:
        return f"{told} The present epoch is {words.grouped(rate.now)}: it has lapsed already."
    try:
        ends = now.astimezone(UTC) + timedelta(seconds=(last + 1 - rate.now) * rate.seconds)
    except OverflowError:
        return f"{told} At {words.duration(rate.seconds)} an epoch, that is beyond the calendar."
    return f"{told} At {words.duration(rate.seconds)} an epoch, it lapses about {words.moment(ends)}."


def told_of(fault: Fault) -> Told:
    """A fault as a row."""
    state = {"rejected": "fail", "incomplete": "not_evaluated"}.get(code_of(fault.code).effect.value, "stale")
    where = f"At {fault.path}: " if fault.path else ""
    message = f"{where}{fault.message}".rstrip(".")
    told = f"{code_of(fault.code).meaning} {message[:1].upper()}{message[1:]}."
    return Told(state, told, code_of(fault.code).next, fault.code)


def _told(passed: str, faults: Iterable[Fault]) -> list[Told]:
    return [told_of(fault) for fault in faults] or [Told("pass", passed)]


def _name_faults(contract: Contract) -> Iterator[Fault]:
    try:
        check_name(contract.oracle_id, "$.oracle_id")
    except NameUnsafe as error:
        yield fault_of(error)


def _run(contract: Contract, sample: Sample) -> tuple[plots.Series, Ran]:
    state, values, stopped = Evidence(), list[float](), ""
    for step, bucket in enumerate(sample.buckets, start=1):
        try:
            state = after(contract, state, bucket)
        except BucketOutOfRange as refused:
            stopped = f"step {step}: {refused.why}"
            break
        values.append(state.e)
    crossed = next((step for step, e in enumerate(values, start=1) if e >= BARRIER), None)
    shown = [f"{one:.6g}" for one in (values[-1:] or [1.0]) + [max(values, default=1.0)]]
    series = plots.Series(sample.words, tuple(values), crossed)
    return series, Ran(sample.words, len(values), shown[0], shown[1], crossed, stopped)


def _rows(
    contract: Contract, chances: tuple[float, ...], counts: tuple[int, ...]
) -> Iterator[tuple[int, str, str, str]]:
    eprocess = contract.eprocess
    weights = eprocess.alpha if isinstance(eprocess, Dirichlet) else eprocess.alt
    is_written = isinstance(contract.kind, DiscreteBuckets)
    for place, chance in enumerate(chances):
        count = words.grouped(counts[place]) if place < len(counts) else ""
        written = serde_float(chance) if is_written or place else f"1 - {serde_float(chances[1])}"
        yield place, count, written, serde_float(weights[place]) if place < len(weights) else ""
