"""What of the platform's own work needs a hand now: stopped streams, failed jobs, the head guard, paused signers.

Guarantees that what could not be looked at is left out of `looked`, so that nothing is told to be over unseen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.change.selectors.lapsing import lapsing_now
from governance.change.selectors.last_moment import freezes
from governance.change.selectors.satisfied import unmet_now
from governance.evidenceos.selectors.attention import attention
from governance.watching.core.alarms import AlarmKind, Concern
from governance.watching.models import Alarm
from ledger.errors import LedgerError
from ledger.models import Job, Stream
from ledger.models.job import JobState
from ledger.selectors import readiness
from ledger.selectors.pauses import Pause, all_pauses
from ledger.storage.guards.errors import BY_CODE

log = logging.getLogger(__name__)

JOBS_SINCE = timedelta(days=1)
AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Look:
    """What was looked at, and what was seen there."""

    looked: frozenset[AlarmKind]
    seen: tuple[Concern, ...]


def look(now: datetime) -> Look:
    """Everything that needs a hand at `now`; what cannot be looked at keeps nothing else from being seen."""
    looked, seen = set(), list[Concern]()
    for kind, read in _READERS.items():
        try:
            seen += read(now)
        except Exception:
            log.exception("the platform's work could not be looked at", extra={"kind": kind.value})
        else:
            looked.add(kind)
    return Look(frozenset(looked), tuple(seen))


def _stopped(now: datetime) -> Iterable[Concern]:  # noqa: ARG001  (one signature for all readers)
    rows = Stream.objects.filter(head__stopped__isnull=False, head__successor__isnull=True).select_related("head")
    for row in rows.order_by("namespace", "name")[:AT_MOST]:
        name, code = f"{row.namespace}/{row.name}", row.head.stopped
        why = f"It stopped with the code {code}: it takes no event and signs nothing until somebody has looked."
        page = f"/streams/{name}/#path-receipt"
        yield Concern(AlarmKind.STOPPED, f"stopped:{row.pk}", f"{name} is stopped ({code})", why, page)


def _jobs(now: datetime) -> Iterable[Concern]:
    """Those that failed within a day and were not told yet: a failed job stays failed, so it is told once."""
    rows = Job.objects.filter(state=JobState.FAILED, finished__gt=now - JOBS_SINCE)
    told = set(Alarm.objects.filter(kind=AlarmKind.JOB, since__gt=now - 2 * JOBS_SINCE).values_list("key", flat=True))
    for row in rows.order_by("-finished")[:AT_MOST]:
        key, code = f"job:{row.public_id}", (row.error or {}).get("code", "")
        if key in told:
            continue
        of = f" of {row.namespace}" if row.namespace else ""
        why = f"It ended with the code {code}. Its page says how far it came and what is next." if code else ""
        why = why or "Its page says how far it came and what is next."
        yield Concern(AlarmKind.JOB, key, f"A job failed: {row.kind}{of}", why, f"/jobs/{row.public_id}/", lasts=False)


def _guard(now: datetime) -> Iterable[Concern]:  # noqa: ARG001  (as above)
    try:
        readiness.ask_head_guard()
        compared, refused = readiness.guarded()
    except LedgerError as error:
        yield _refused(error.code, f"The head guard: {error.what}", error.next_step)
        return
    for code, count in sorted(refused.items()):
        next_step = BY_CODE[code].default_next if code in BY_CODE else "Read the log of the worker."
        what = f"The head guard refuses {count:,} of {compared:,} streams that were compared ({code})"
        yield _refused(code, what, next_step)


def _refused(code: str, what: str, next_step: str) -> Concern:
    why = f"Nothing is receipted or sealed where it refuses ({code}). {next_step}"
    return Concern(AlarmKind.GUARD, f"guard:{code}", what, why, "/help/durability/")


def _signers(now: datetime) -> Iterable[Concern]:  # noqa: ARG001  (as above)
    pauses = all_pauses()[:AT_MOST]
    rows = Stream.objects.filter(pk__in=[one.stream for one in pauses if one.stream])
    names = {row.pk: f"{row.namespace}/{row.name}" for row in rows}
    return [_paused(one, names.get(one.stream or 0, "")) for one in pauses]


def _paused(one: Pause, name: str) -> Concern:
    what = f"The signer of {name} is paused" if name else "The signer of all streams is paused"
    why = f"Since {one.at:%Y-%m-%d %H:%M:%S} UTC, by {one.actor}: {one.reason}. Resume it with signer_resume."
    page = f"/streams/{name}/keys/" if name else "/"
    return Concern(AlarmKind.SIGNER, f"signer:{one.stream or 'all'}", what, why, page)


def _recovery(now: datetime) -> Iterable[Concern]:
    found = unmet_now(now)
    if not found:
        return
    rules = "; ".join(f"{one.rule}: {one.lacking}" for one in found[:AT_MOST])
    why = f"Nobody alive can meet {rules}. Only keys and roles are enrolled, by the quorum of the founding."
    what = "This deployment is in RECOVERY: the policy cannot be met"
    yield Concern(AlarmKind.RECOVERY, "recovery", what, why[:2_000], "/policy/")


def _freezes(now: datetime) -> Iterable[Concern]:
    for one in freezes(now):
        if one.escalates:
            what = f"The freeze of {one.scope} has lasted for more than 72 hours"
            why = f"Since {one.at:%Y-%m-%d %H:%M:%S} UTC: {one.reason} It ends by a thaw alone, never by itself."
            yield Concern(AlarmKind.FREEZE, f"freeze:{one.decision}:{one.scope}", what, why, "/incidents/")


def _drift(now: datetime) -> Iterable[Concern]:  # noqa: ARG001  (as above)
    for one in attention():
        yield Concern(AlarmKind.DRIFT, one.key, one.what, one.why, f"/evidenceos/targets/{one.target}/")


def _lapses(now: datetime) -> Iterable[Concern]:
    for one in lapsing_now(now):
        yield Concern(AlarmKind.LAPSE, one.key, one.what, one.why, f"/evidenceos/targets/{one.target}/")


_READERS: dict[AlarmKind, Callable[[datetime], Iterable[Concern]]] = {
    AlarmKind.STOPPED: _stopped,
    AlarmKind.JOB: _jobs,
    AlarmKind.GUARD: _guard,
    AlarmKind.SIGNER: _signers,
    AlarmKind.RECOVERY: _recovery,
    AlarmKind.FREEZE: _freezes,
    AlarmKind.DRIFT: _drift,
    AlarmKind.LAPSE: _lapses,
}
