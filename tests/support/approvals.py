"""People, rules and words for tests of governed change."""

from __future__ import annotations

import hashlib
from typing import Any

from governance.change.core.people import Approver, Custody, PersonKey
from governance.change.core.policy import Direction, ExecutorRule, Need, Rule, Tier
from governance.change.core.quorum import Subject, Word
from governance.change.core.verbs import Verb

RULE = Rule(
    name="test", change="oracle.ttl", directions=frozenset(Direction), tier=Tier.MEDIUM, needs=(Need("ops", 2),),
    lock_s=3600, life_s=86_400, executor=ExecutorRule.NOT_AUTHOR,
)  # fmt: skip
SUBJECT = Subject(revision=1, contributors=frozenset({"author"}))
INDEX, NOW = 100, 1_000_000


def key(person: str, *, kid: str = "", custody: Custody = Custody.PASSKEY, **more: Any) -> PersonKey:
    """A key that counts from index 0 and second 0 on, unless `more` says otherwise."""
    kid = kid or f"key-{person}"
    public = more.pop("public", hashlib.sha256(kid.encode()).digest())
    return PersonKey(kid, public, custody, more.pop("since", 0), more.pop("active_from", 0), more.pop("until", None))


def approver(person: str, *groups: str, **more: Any) -> Approver:
    """Somebody in these groups, with a key of their own unless `keys` says otherwise."""
    keys = more.pop("keys", (key(person),))
    return Approver(person, frozenset(groups), keys, **more)


def people(*approvers: Approver) -> dict[str, Approver]:
    """By id, as the core takes them."""
    return {one.person: one for one in approvers}


def approval(person: str, index: int = 10, **more: Any) -> Word:
    """An approval of revision 1, recorded at `index` and at second 10 * index, unless `more` says otherwise."""
    kid, verb = more.pop("kid", f"key-{person}"), more.pop("verb", Verb.APPROVE)
    at, credential = more.pop("at", 10 * index), more.pop("credential", "")
    return Word(person, kid, verb, more.pop("revision", 1), index, at, credential)
