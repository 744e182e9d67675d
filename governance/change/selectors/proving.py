"""What a reader can prove of an applied change's time lock, by the witnesses that the log's own policy asks."""

from __future__ import annotations

import json

from governance.change.core.timelock import Stood, told
from governance.change.core.verbs import Verb
from governance.change.models import Change, Word
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.witnessed import proved
from ledger.errors import LedgerError
from ledger.selectors.leaves import event

_NEVER = -(2**62)
"""When the quorum stood by the log's own word: a page holds nothing against it, the judge does."""


def lock_words(change_id: str, lock_s: int) -> str:
    """Whether the lock of `lock_s` seconds of an applied change is proved, and by what, in a sentence."""
    index = Change.objects.values_list("index", flat=True).get(public_id=change_id)
    said = Word.objects.filter(change__public_id=change_id, verb=Verb.APPROVE.value, index__lt=index)
    last = max(said.values_list("index", flat=True), default=index - 1)
    found = proved(Stood(index, 0, last, _NEVER, lock_s), _note(index))
    if found.by is None:
        return "Not proved: no witness saw the log of decisions with these approvals in it."
    if found.since is None:
        return f"Not proved: witnesses saw the approvals by {told(found.by)}, and the execution holds no cosignature."
    between = f"witnesses saw the approvals by {told(found.by)}; the execution holds their lines of {told(found.since)}"
    return f"{'Proved' if found.proves(lock_s) else 'Not proved, too little time lies between'}: {between}."


def _note(index: int) -> str | None:
    try:
        value = json.loads(event(changes_stream(), index).payload or b"{}")
    except (LedgerError, ValueError):
        return None
    note = value.get("witnessed") if isinstance(value, dict) else None
    return note if isinstance(note, str) else None
