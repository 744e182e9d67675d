"""The record against the database: judge `_governance/changes` from its first leaf, then look at every governed row.

Guarantees that the judge of `governance.change.core.judging`, which readers run offline, is asked here too, so that
what an event says of itself counts for nothing; that a document in the database which no recorded and signed change
explains is found; and so is a change whose row says another state than the record.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from governance.change.core.beginnings import Beginnings
from governance.change.core.judging import Judgement
from governance.change.core.replay import TAKES_EFFECT, Contradiction, Replay, moves_freely
from governance.change.core.timelock import UNTIMED
from governance.change.errors import ChangeRefused, NotFounded
from governance.change.models import Change
from governance.change.selectors.deployment import CHANGES
from governance.change.selectors.explaining import unexplained
from governance.change.selectors.explaining_logs import NOT_EVALUATED, Logs
from governance.change.types import change_type
from governance.change.types.people_documents import keys_of, person_row, roles_of, unit_of
from governance.change.types.policy_change import PolicyChange
from governance.identity.selectors.founding import founding
from ledger.core.canonical import canonical
from ledger.core.times import parse_time
from ledger.core.types import JSONObject
from ledger.core.verify.judging import Said
from ledger.errors import LedgerError
from ledger.models import Governed
from ledger.selectors.leaves import EventView, events, leaf
from ledger.selectors.streams import StreamView, stream, stream_by_origin


@dataclass(frozen=True, slots=True)
class Report:
    """What was replayed, and every contradiction; `matches` says whether there is none. `untimed` counts locks of which
    the log's own times are the only witness, as a reader's `timelock_unproven`; `not_evaluated` says in sentences what
    nobody looked at.
    """

    events: int
    effects: int
    words: int
    documents: int
    changes: int
    contradictions: tuple[Contradiction, ...]
    untimed: int = 0
    not_evaluated: tuple[str, ...] = ()

    @property
    def matches(self) -> bool:
        """Whether the database shows exactly what the record explains."""
        return not self.contradictions


BEGIN = ("/roles", "/keys", "/unit", "/state", "/publicity")
"""Documents of which the record tells how they began."""


@dataclass
class _Explained(Judgement):
    """The judgement, and where documents began: the first change of one starts from there."""

    begun: Beginnings = field(default_factory=Beginnings)
    took_effect: dict[str, int] = field(default_factory=dict)
    """By change: the index of its effect."""

    def take(self, index: int, kind: str, payload: JSONObject | None) -> None:
        """Beginnings are heard after what is judged."""
        super().take(index, kind, payload)
        self.begun.hear(kind, self.about, payload or {})

    def _effect(self, index: int, kind: str, payload: JSONObject) -> None:
        subject = str(payload["subject"])
        if kind in TAKES_EFFECT:
            self.took_effect[str(payload["change"])] = index
        begins = subject not in self.documents and subject.endswith(BEGIN) and not moves_freely(subject)
        if begins and canonical(self.begun.of(subject)) != canonical(payload["base"]):
            self._say("replay_base_mismatch", index, f"{subject} began otherwise than it says")
        super()._effect(index, kind, payload)


def replayed() -> Report:
    """Replay and compare; raises NotFounded."""
    if founding() is None:
        raise NotFounded("There is nothing to replay before the founding")
    log = stream(*CHANGES)
    judged, count = _Explained(origin=log.origin), 0
    for said in _events(log):
        count += 1
        judged.hear(said)
    logs = _logs_of(judged, log)
    others = [
        *_other_documents(judged), *unexplained(judged, judged.begun, judged.applied), *logs.unexplained(),
    ]  # fmt: skip
    found = [*_objections(judged), *dict.fromkeys(others), *_other_founding(judged), *_other_states(judged)]
    untimed = sum(one.code == UNTIMED for one in judged.objections)
    return Report(
        count, judged.effects, judged.words, len(judged.documents), len(judged.states), tuple(found), untimed,
        (*NOT_EVALUATED, *logs.not_evaluated),
    )  # fmt: skip


def _logs_of(judged: Judgement, log: StreamView) -> Logs:
    row = founding()
    began = parse_time(leaf(log, row.index).recorded) if row is not None else datetime.min.replace(tzinfo=UTC)
    return Logs(judged.applied, frozenset(one.origin for one in _logs(log)), began)


def _objections(judged: Judgement) -> list[Contradiction]:
    """Everything but the lack of independent times, which no server could answer."""
    return [Contradiction(one.code, one.index, one.words) for one in judged.objections if one.code != UNTIMED]


def document_now(subject: str, last: tuple[str, JSONObject] | None) -> JSONObject:
    """The document of a subject from the rows; `last` is the kind and body of the change that set it last."""
    if subject == "policy":
        return PolicyChange().base({}, lock=False)
    place, _, part = subject.partition("/")
    if place.startswith("person:"):
        row = person_row(uuid.UUID(place.removeprefix("person:")), lock=False)
        return {"roles": roles_of, "keys": keys_of, "unit": unit_of}[part](row)
    if last is None:  # pragma: no cover  (every other document was set by a change)
        return {}
    return change_type(last[0]).base(last[1], lock=False)


def _events(log: StreamView) -> Iterator[Said]:
    for part in _logs(log):
        for one in events(part, 0, part.size):
            recorded = int(parse_time(one.leaf.recorded).timestamp())
            yield Said(one.index, recorded, one.type, _payload(one), _subject(one))


def _logs(log: StreamView) -> Iterator[StreamView]:
    """The stream of decisions and those that continue it, in their order."""
    yield log
    while log.successor is not None:
        log = stream_by_origin(log.successor)
        yield log


def _payload(one: EventView) -> bytes | None:
    """None where it is gone, or is not what its leaf says."""
    try:
        return one.payload
    except LedgerError:
        return None


def _subject(one: EventView) -> str:
    try:
        return str((one.attrs or {}).get("subject", ""))
    except LedgerError:
        return ""


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


def _other_founding(judged: Judgement) -> Iterator[Contradiction]:
    row, beside = founding(), Governed.objects.first()
    if row is None or (row.change, row.genesis) != (judged.genesis, judged.genesis_digest):
        yield Contradiction("replay_row_mismatch", -1, "founding: its row is not what the record says")
    if beside is None or (beside.change, beside.genesis) != (judged.genesis, judged.genesis_digest):
        yield Contradiction("replay_row_mismatch", -1, "founding: the ledger's row is not what the record says")


def _other_states(replay: _Explained) -> Iterator[Contradiction]:
    rows = {str(key): state for key, state in Change.objects.values_list("public_id", "state")}
    for change in sorted({*rows, *replay.states}):
        if rows.get(change) != replay.states.get(change):
            words = f"{change}: row {rows.get(change)}, record {replay.states.get(change)}"
            yield Contradiction("replay_row_mismatch", -1, words)
    for key, at in Change.objects.order_by("id").values_list("public_id", "applied_index"):
        if at != replay.took_effect.get(str(key)):
            words = f"{key}: took effect at {at}, by the record at {replay.took_effect.get(str(key))}"
            yield Contradiction("replay_row_mismatch", -1, words)
