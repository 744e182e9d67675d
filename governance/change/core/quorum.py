"""The one question that page, API, command, execution and offline verifier ask: is this change approved?

Guarantees that only verified approvals of exactly this revision count, each person and each key once; that nobody
counts who ever contributed to the change or gains by it; that AND-groups are met by distinct people (a matching,
not a count); and that the lock begins with the approval that completed the quorum that stands now, so that it
cannot be banked and the signers swapped, nor a place taken away and given back. Pure: time and record index are
arguments. Follows the governance reference, sections 4 to 7 (R1, R4, R14, I1 to I3, I10).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from governance.change.core.matching import filled_slots
from governance.change.core.people import Approver, Custody, People, PersonKey
from governance.change.core.policy import Rule
from governance.change.core.verbs import Verb


class Refused(StrEnum):
    """Why a word of a person does not count."""

    REVISION = "other_revision"
    UNKNOWN = "person_unknown"
    NOT_LIVE = "person_not_live"
    BARRED = "person_cools_down"
    CONTRIBUTOR = "contributed"
    CONCERNED = "concerned"
    KEY_UNKNOWN = "key_unknown"
    KEY_DEAD = "key_not_valid"
    KEY_COOLS_DOWN = "key_cools_down"
    KEY_SHARED = "key_shared"
    CREDENTIAL_SHARED = "passkey_shared"
    UNIT_SHARED = "unit_shared"
    UNIT_UNKNOWN = "unit_unknown"
    NO_GROUP = "no_group"
    REVOKED = "revoked"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being decided: the revision that counts, everybody who ever touched any revision, and everybody
    whose own roles, keys or quorum membership it changes. `lost_at` is when a quorum or a hold last fell (s): no
    lock begins before.
    """

    revision: int
    contributors: frozenset[str]
    concerned: frozenset[str] = frozenset()
    lost_at: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A verified signature: who said what over which revision, with which key, recorded at `index` at `at` (s);
    `credential` is the digest of the id of the passkey whose gesture opened the key, '' where none did.
    """

    person: str
    kid: str
    verb: Verb
    revision: int
    index: int
    at: int
    credential: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of one group, and who fills it (None: empty; `could` are those who could sign now)."""

    group: str
    person: str | None
    could: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quorum:
    """The answer. `since` is when the quorum that stands was complete (s), None while it is not; `refused` tells
    of each word that does not count why; `lacks_offline` that only a key outside of browsers is missing.
    """

    slots: tuple[Slot, ...]
    since: int | None
    refused: tuple[tuple[Word, Refused], ...]
    lacks_offline: bool

    @property
    def met(self) -> bool:
        """Whether it is approved."""
        return self.since is not None

    @property
    def approvers(self) -> frozenset[str]:
        """The people who fill the slots."""
        return frozenset(slot.person for slot in self.slots if slot.person is not None)


def quorum(rule: Rule, subject: Subject, words: Sequence[Word], people: People, *, index: int, now: int) -> Quorum:
    """Judge the words spoken so far, as of record `index` and second `now`."""
    counting, refused = _sifted(rule, subject, words, people, index=index, now=now)
    matched = _matched(rule, counting, people)
    offline = not rule.offline_key or any(_is_offline(people, word) for word in counting)
    complete = None not in matched and offline
    return Quorum(
        slots=_told(rule, subject, matched, people, spoke={one.person for one in counting}, index=index, now=now),
        since=max(_since(rule, counting, people), subject.lost_at) if complete else None,
        refused=tuple(refused),
        lacks_offline=None not in matched and not offline,
    )


def may_approve(rule: Rule, subject: Subject, approver: Approver, *, index: int, now: int) -> Refused | None:
    """Why this person could not approve now; None where an approval would count."""
    found = _barred(subject, approver, now)
    if found is not None:
        return found
    if not approver.groups & {*rule.places}:
        return Refused.NO_GROUP
    if approver.counting_keys(index, now, rule.cool_down_s):
        return None
    return Refused.KEY_COOLS_DOWN if approver.counting_keys(index, now, 0) else Refused.KEY_DEAD


def beside(rule: Rule, approver: Approver, counting: Iterable[str], people: People) -> Refused | None:
    """Why an approval does not count beside those of the people `counting`; None where units are not kept apart."""
    if not rule.units_apart:
        return None
    if not approver.unit:
        return Refused.UNIT_UNKNOWN
    return Refused.UNIT_SHARED if any(people[one].unit == approver.unit for one in counting) else None


Sifted = tuple[list[Word], list[tuple[Word, Refused]]]


def cools_down(approver: Approver, kid: str, cool_down_s: int, *, said: int, now: int) -> Refused | None:
    """Why a word by this key, said at second `said`, does not count at `now`: the person is barred, or the key was
    too young when it was said. It holds for every word, whatever it says.
    """
    if now < approver.barred_until:
        return Refused.BARRED
    key = approver.key(kid)
    return Refused.KEY_COOLS_DOWN if key is not None and said < key.active_from + cool_down_s else None


def _sifted(
    rule: Rule, subject: Subject, words: Sequence[Word], people: People, *, index: int, now: int
) -> Sifted:  # fmt: skip
    """The approvals that count, in the order of the record, and of all others why not."""
    counting: list[Word] = []
    refused: list[tuple[Word, Refused]] = []
    for word in sorted(words, key=lambda one: one.index):
        if word.verb is Verb.REVOKE_APPROVAL:
            taken = [one for one in counting if (one.person, one.revision) == (word.person, word.revision)]
            refused += [(one, Refused.REVOKED) for one in taken]
            counting = [one for one in counting if one not in taken]
        elif word.verb is Verb.APPROVE:
            reason = _reason(rule, subject, word, people, index=index, now=now)
            reason = reason or _already(word, counting, people)
            reason = reason or beside(rule, people[word.person], [one.person for one in counting], people)
            refused += [(word, reason)] if reason is not None else []
            counting += [word] if reason is None else []
    return counting, refused


def _reason(rule: Rule, subject: Subject, word: Word, people: People, *, index: int, now: int) -> Refused | None:
    """Why an approval by itself does not count; what holds now must hold, not only what held when it was given."""
    if word.revision != subject.revision:
        return Refused.REVISION
    approver = people.get(word.person)
    if approver is None:
        return Refused.UNKNOWN
    return _barred(subject, approver, now) or _key_reason(rule, word, approver, index)


def _barred(subject: Subject, approver: Approver, now: int) -> Refused | None:
    if not approver.live:
        return Refused.NOT_LIVE
    if approver.person in subject.contributors:
        return Refused.CONTRIBUTOR
    if approver.person in subject.concerned:
        return Refused.CONCERNED
    return Refused.BARRED if now < approver.barred_until else None


def _key_reason(rule: Rule, word: Word, approver: Approver, index: int) -> Refused | None:
    key = approver.key(word.kid)
    if key is None:
        return Refused.KEY_UNKNOWN
    if not (key.lives_at(word.index) and key.lives_at(index)):
        return Refused.KEY_DEAD
    if word.at < key.active_from + rule.cool_down_s:
        return Refused.KEY_COOLS_DOWN
    return None if approver.groups & {*rule.places} else Refused.NO_GROUP


def _already(word: Word, counting: Iterable[Word], people: People) -> Refused | None:
    """One person counts once, and so do one public key and one passkey, whoever enrolled them (R14)."""
    for other in counting:
        if other.person == word.person:
            return Refused.REPEATED
        if _public(people, other) == _public(people, word):
            return Refused.KEY_SHARED
        if word.credential and other.credential == word.credential:
            return Refused.CREDENTIAL_SHARED
    return None


def _public(people: People, word: Word) -> bytes | None:
    key = _key(people, word)
    return key.public if key is not None else None


def _key(people: People, word: Word) -> PersonKey | None:
    approver = people.get(word.person)
    return approver.key(word.kid) if approver is not None else None


def _is_offline(people: People, word: Word) -> bool:
    key = _key(people, word)
    return key is not None and key.custody is Custody.OFFLINE


def _matched(rule: Rule, counting: Sequence[Word], people: People) -> list[str | None]:
    """Who fills each place, place by place; None where nobody is left."""
    return filled_slots(rule.places, {word.person: people[word.person].groups for word in counting})


def _since(rule: Rule, counting: Sequence[Word], people: People) -> int:
    """The first second at which the counting words complete the quorum. A word counts from when it was said, or from
    when its place or, where units are kept apart, its unit began, whichever is later: a quorum that was lost and came
    back brings no time with it.
    """
    asked = rule.places
    starts = {
        word: {
            group: max(word.at, people[word.person].counts_from(group, units_apart=rule.units_apart))
            for group in people[word.person].groups
        }
        for word in counting
    }
    for second in sorted({at for groups in starts.values() for group, at in groups.items() if group in asked}):
        able = {
            word.person: frozenset(group for group, at in groups.items() if at <= second)
            for word, groups in starts.items()
        }
        begun = [word for word in counting if able[word.person] & {*asked}]
        offline = not rule.offline_key or any(_is_offline(people, word) for word in begun)
        if offline and None not in filled_slots(asked, able):
            return second
    return 0  # A rule without needs is complete from the start.


def _told(
    rule: Rule, subject: Subject, matched: Sequence[str | None], people: People, *, spoke: Collection[str], index: int,
    now: int,
) -> tuple[Slot, ...]:  # fmt: skip
    used = {person for person in matched if person is not None}
    free = sorted(
        one.person for one in people.values()
        if one.person not in used and may_approve(rule, subject, one, index=index, now=now) is None
        and beside(rule, one, spoke, people) is None
    )  # fmt: skip
    return tuple(
        Slot(group, person, () if person else tuple(one for one in free if group in people[one].groups))
        for group, person in zip(rule.places, matched, strict=True)
    )
