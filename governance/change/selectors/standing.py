"""Where a change stands: rule, quorum, lock, and what would stop it now.

Guarantees that page, API, action and task ask the same question of the same rows: the quorum is recomputed each time
from words that verify under keys that count at this index of the record, never read from a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import cast

from governance.change.core.people import People
from governance.change.core.policy import Rule
from governance.change.core.policy_text import rule_of
from governance.change.core.quorum import Quorum, Subject, Word, quorum
from governance.change.core.statement import digest_of, parsed
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change, Freeze, Revision
from governance.change.models import Word as WordRow
from governance.change.selectors.people import people as all_people
from governance.change.types import change_type
from governance.change.types.genesis import GENESIS, genesis_people
from ledger.core import ed25519
from ledger.core.dsse import parse_envelope, verified_payload
from ledger.core.types import JSONObject
from ledger.errors import LedgerError

PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Standing:
    """A change judged as of record `index` and second `now`; `ready_at` is None while the quorum is not met."""

    row: Change
    revision: Revision
    rule: Rule
    subject: Subject
    words: tuple[Word, ...]
    people: People
    quorum: Quorum
    index: int
    now: int

    @property
    def ready_at(self) -> int | None:
        """When the lock is over (s)."""
        return None if self.quorum.since is None else self.quorum.since + self.rule.lock_s

    @property
    def is_ready(self) -> bool:
        """READY is never stored: locked, quorum met, lock over, life not."""
        return (
            self.row.state == State.TIMELOCKED
            and self.ready_at is not None
            and self.ready_at <= self.now
            and not self.is_expired
        )

    @property
    def is_expired(self) -> bool:
        """Whether its life is over."""
        return self.row.not_after is not None and self.now > self.row.not_after

    @property
    def approvers(self) -> frozenset[str]:
        """Everybody whose approval counts, whether or not it fills a place."""
        refused = {word for word, _ in self.quorum.refused}
        return frozenset(word.person for word in self.words if word.verb is Verb.APPROVE and word not in refused)


def standing(
    row: Change, *, index: int, now: int, more: Sequence[Word] = (), people: People | None = None
) -> Standing:  # fmt: skip
    """Judge a change; `more` are words that are about to be written, `people` spares reading them."""
    revision = current(row)
    rule = rule_of(revision.rule)
    everybody = people_judging(row, revision, now) if people is None else people
    subject = Subject(row.revision, contributors(row), change_type(row.type).concerned(revision.body), row.lost_at)
    words = (*words_of(row, everybody), *more)
    judged = quorum(rule, subject, words, everybody, index=index, now=now)
    return Standing(row, revision, rule, subject, words, everybody, judged, index, now)


def people_judging(row: Change, revision: Revision, now: int) -> People:
    """Everybody as they are now; before the founding those whom the genesis names, with the keys that it gives."""
    if is_founding(row):
        return genesis_people(revision.body)
    return all_people(datetime.fromtimestamp(now, UTC))


def is_founding(row: Change) -> bool:
    """Whether it is the draft of a founding, judged by the people whom it names."""
    return row.type == GENESIS and row.state == State.DRAFT


def current(row: Change) -> Revision:
    """The revision that counts; read anew unless the row came with its revisions."""
    if _is_whole(row):
        return next(one for one in row.revisions.all() if one.number == row.revision)
    return row.revisions.get(number=row.revision)


def _is_whole(row: Change) -> bool:
    return "revisions" in getattr(row, "_prefetched_objects_cache", {})


def contributors(row: Change) -> frozenset[str]:
    """Everybody who ever wrote any revision, by whatever means, and the author."""
    return frozenset({row.author, *(one.by for one in row.revisions.all())})


def words_of(row: Change, everybody: People) -> tuple[Word, ...]:
    """The words whose stored bytes still verify under the key they name; others are as if they were not there."""
    texts = {one.number: one for one in row.revisions.all()}
    rows = sorted(row.words.all(), key=attrgetter("index"))
    return tuple(word for one in rows if (word := _word(one, texts.get(one.revision), everybody)) is not None)


def freeze_over(tenant: str | None) -> Freeze | None:
    """The freeze that stops execution for this tenant (None: for the platform), if any."""
    scopes = [PLATFORM] if tenant is None else [PLATFORM, f"tenant:{tenant}"]
    return Freeze.objects.filter(scope__in=scopes, lifted__isnull=True).order_by("id").first()


def _word(row: WordRow, text: Revision | None, everybody: People) -> Word | None:
    """What the envelope's own bytes say, once they verify: a row that was planted or altered gives nothing."""
    approver = everybody.get(row.person)
    key = approver.key(row.kid) if approver is not None else None
    if key is None or text is None or ed25519.is_weak(key.public):
        return None
    try:
        payload = verified_payload(
            parse_envelope(bytes(row.envelope)), {row.kid: key.public}, Verb(row.verb).payload_type
        )  # fmt: skip
        said = parsed(payload)
    except LedgerError:
        return None
    if not _says_so(said.fields, row, text):
        return None
    return Word(row.person, row.kid, Verb(row.verb), row.revision, row.index, row.at, credential_in(row.assertion))


def credential_in(assertion: JSONObject | None) -> str:
    """The passkey that a stored gesture was made with; '' where there was none."""
    return str(assertion["credential"]) if assertion is not None else ""


def _says_so(said: JSONObject, row: WordRow, text: Revision) -> bool:
    """Whether the columns are those of the signed bytes, and the text that was signed is the one that stands here."""
    named, signer = cast("JSONObject", said["change"]), cast("JSONObject", said["signer"])
    effect, policy = cast("JSONObject", said["effect"]), cast("JSONObject", said["policy"])
    told = (named["id"], named["revision"], signer["person"], signer["key"], said["nonce"])
    signed = (named["body_digest"], effect["base_state"], effect["result_state"], policy["digest"])
    ours = (digest_of(text.body), digest_of(text.base), digest_of(text.result), text.policy)
    return told == (row.change.key, row.revision, row.person, row.kid, row.nonce) and signed == ours
