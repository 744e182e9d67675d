"""The record against the database: replay `_governance/changes` from the founding, then look at every governed row.

Guarantees that a document in the database which no recorded and signed change explains is found, and so is a change
whose row says another state than the record.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from governance.change.core.replay import Contradiction, Replay, moves_freely
from governance.change.errors import ChangeRefused, NotFounded
from governance.change.models import Change
from governance.change.selectors.deployment import CHANGES
from governance.change.types import change_type
from governance.change.types.people_documents import keys_of, person_row, roles_of
from governance.change.types.policy_change import PolicyChange
from governance.identity.selectors.founding import founding
from ledger.core.canonical import canonical
from ledger.core.strict_json import parse
from ledger.core.types import JSONObject
from ledger.errors import LedgerError
from ledger.selectors.leaves import events
from ledger.selectors.streams import StreamView, stream, stream_by_origin


@dataclass(frozen=True, slots=True)
class Report:
    """What was replayed, and every contradiction; `matches` says whether there is none."""

    events: int
    effects: int
    words: int
    documents: int
    changes: int
    contradictions: tuple[Contradiction, ...]

    @property
    def matches(self) -> bool:
        """Whether the database shows exactly what the record explains."""
        return not self.contradictions


def replayed() -> Report:
    """Replay and compare; raises NotFounded."""
    if founding() is None:
        raise NotFounded("There is nothing to replay before the founding")
    replay, count = Replay(), 0
    for index, kind, payload in _events():
        count += 1
        replay.take(index, kind, payload)
    found = [*replay.found, *_other_documents(replay), *_other_states(replay)]
    return Report(
        count, replay.effects, replay.words, len(replay.documents), len(replay.states), tuple(found)
    )  # fmt: skip


def document_now(subject: str, last: tuple[str, JSONObject] | None) -> JSONObject:
    """The document of a subject from the rows; `last` is the kind and body of the change that set it last."""
    if subject == "policy":
        return PolicyChange().base({}, lock=False)
    place, _, part = subject.partition("/")
    if place.startswith("person:"):
        row = person_row(uuid.UUID(place.removeprefix("person:")), lock=False)
        return roles_of(row) if part == "roles" else keys_of(row)
    if last is None:  # pragma: no cover  (every other document was set by a change)
        return {}
    return change_type(last[0]).base(last[1], lock=False)


def _events() -> Iterator[tuple[int, str, JSONObject | None]]:
    for log in _logs():
        for one in events(log, 0, log.size):
            yield one.index, one.type, _payload(one.payload)


def _logs() -> Iterator[StreamView]:
    """The stream of decisions and those that continue it, in their order."""
    log = stream(*CHANGES)
    yield log
    while log.successor is not None:
        log = stream_by_origin(log.successor)
        yield log


def _payload(raw: bytes | None) -> JSONObject | None:
    try:
        value = parse(raw) if raw is not None else None
    except LedgerError:
        return None
    return value if isinstance(value, dict) else None


def _other_documents(replay: Replay) -> Iterator[Contradiction]:
    for subject, document in sorted(replay.documents.items()):
        if moves_freely(subject):
            continue
        try:
            same = canonical(document_now(subject, replay.last.get(subject))) == canonical(document)
        except ChangeRefused as error:
            yield Contradiction("replay_state_mismatch", -1, f"{subject}: {error}")
            continue
        if not same:
            yield Contradiction("replay_state_mismatch", -1, f"{subject} is not what the record says")


def _other_states(replay: Replay) -> Iterator[Contradiction]:
    rows = {str(key): state for key, state in Change.objects.values_list("public_id", "state")}
    for change in sorted({*rows, *replay.states}):
        if rows.get(change) != replay.states.get(change):
            words = f"{change}: row {rows.get(change)}, record {replay.states.get(change)}"
            yield Contradiction("replay_row_mismatch", -1, words)
