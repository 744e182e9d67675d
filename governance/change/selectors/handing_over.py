"""The word of a key that is replaced: a rotation takes the old key's signature beside those of the approvers.

Guarantees that power never moves to other bytes behind the back of whoever holds it: new key (its proof of possession),
old key (this word) and the people of the rule all sign. Follows the governance reference, section 4 (key rotation).
"""

from __future__ import annotations

from governance.change.core.quorum import Word, cools_down
from governance.change.core.verbs import Verb
from governance.change.errors import OldKeyMissing
from governance.change.selectors.standing import Standing
from governance.identity.core.governed import KEY_ROTATE
from governance.identity.core.person_keys import KeyUse


def is_by_the_old_key(stands: Standing, person: str, kid: str) -> bool:
    """Whether a word of `person` with `kid` is one of the key that this rotation replaces.

    A native key signs no statements: for it any decision key of the same person speaks.
    """
    body = stands.revision.body
    of_use = body["use"] == KeyUse.NATIVE.value or kid == body["replaces"]
    return person in stands.subject.concerned and of_use


def handed_over(stands: Standing) -> bool:
    """Whether the holder has said of this revision, with a key that counts now, that the old key is replaced."""
    return any(_counts(word, stands) for word in stands.words)


def check_handed_over(stands: Standing) -> None:
    """Raise OldKeyMissing for a rotation without it."""
    if stands.row.type == KEY_ROTATE and not handed_over(stands):
        raise OldKeyMissing("The key that is replaced has not signed", why=str(stands.revision.body["replaces"]))


def _counts(word: Word, stands: Standing) -> bool:
    if word.verb is not Verb.ROTATE_KEY or word.revision != stands.row.revision:
        return False
    holder = stands.people.get(word.person)
    key = holder.key(word.kid) if holder is not None and holder.live else None
    if holder is None or key is None or not is_by_the_old_key(stands, word.person, word.kid):
        return False
    rested = cools_down(holder, word.kid, 0, said=word.at, now=stands.now) is None
    return rested and key.lives_at(word.index) and key.lives_at(stands.index)
