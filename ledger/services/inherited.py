"""What a successor log has of the log that it continues, and what a person still has to set.

Guarantees that a successor is told no less than its predecessor: settings, second line, witnesses and quorum are those
of the old log unless others were given, and its terms are declared anew. What cannot be carried over is named, each
with what sets it. Design: durability.
"""

from __future__ import annotations

from dataclasses import replace

from ledger.core.keys import MLDSA44
from ledger.core.terms import NOTHING, Terms
from ledger.errors import LedgerError, NotThere
from ledger.models import KeyUse
from ledger.selectors.health import policy_in_force
from ledger.selectors.keys import keys_of
from ledger.selectors.leaves import leaf
from ledger.selectors.notices import terms
from ledger.selectors.publicity import publicity
from ledger.selectors.streams import StreamView
from ledger.services.streams import NO_WITNESS, StreamOptions
from ledger.services.terms import Change, Told, carry_over


def settings_of(old: StreamView, given: StreamOptions) -> StreamOptions:
    """What the successor is created with: the old log's settings, and of `given` the policy, the recovery key and
    a second line.

    Raises NotThere where no policy is given and that of the old log cannot be read.
    """
    return replace(
        given,
        rule=NO_WITNESS if given.policy is not None else _rule_of(old),
        post_quantum=given.post_quantum or _has_second_line(old),
        max_merge_delay_s=old.max_merge_delay_s,
        profile_mode=old.profile_mode,
        without_receipt=old.without_receipt,
        clear_attributes=old.clear_attributes,
        window_count=old.window_count,
        window_age_s=old.window_age_s,
    )


def carry_terms(old: StreamView, new: StreamView, actor: str) -> None:
    """Declare the old log's retention, rhythm and sequence in the new one, if it declares nothing of its own yet.

    May be repeated. Raises what `carry_over` does; terms that cannot be read are left to `not_carried`.
    """
    held = _terms_of(old)
    if held is None or not lacks_terms(old, new):
        return
    change = Change(held.attrs_days, held.payload_days, held.expected_every_s, held.sequence)
    carry_over(new, change, Told(f"as in {old.origin}, which this log continues", actor))


def lacks_terms(old: StreamView, new: StreamView) -> bool:
    """Whether the old log declares something that can be read, and the new one nothing of its own yet."""
    return _terms_of(old) not in (None, NOTHING) and terms(new).index is None


def not_carried(old: StreamView, name: str, new: StreamView | None, given: StreamOptions) -> tuple[str, ...]:
    """What the old log has and its successor `name` lacks, in words, each with what sets it; `new` is None before it
    exists.
    """
    path = f"{old.namespace}/{name}"
    public, now = publicity(old.namespace, old.name), publicity(old.namespace, name)
    wanted = [part for part in ("tiles", "entries") if getattr(public, part) and not getattr(now, part)]
    options = "".join(f" --{part} on" for part in wanted)
    has_recovery = given.recovery_key is not None if new is None else _names_recovery(new)
    found = {
        "the recovery key: give one with --recovery-key when the successor is made, it cannot be added later": (
            _names_recovery(old) and not has_recovery
        ),
        f"public {' and '.join(wanted)}: stream_publish {path}{options} --reason WHY": bool(wanted),
        f"retention and rhythm, which cannot be read: retention_set {path}, gaps_declare {path}": (
            _terms_of(old) is None
        ),
    }
    return tuple(words for words, lacks in found.items() if lacks)


def _rule_of(old: StreamView) -> str:
    """The old log's policy without its `log` lines: comments, witnesses, groups and quorum, in their order."""
    try:
        lines = policy_in_force(old).split("\n")[:-1]
    except LedgerError as error:
        raise NotThere(
            "The policy of the old log cannot be read",
            why=str(error),
            next_step="Give the successor's: --policy FILE.",
        ) from error
    return "".join(f"{line}\n" for line in lines if line.encode().split()[:1] != [b"log"])


def _has_second_line(old: StreamView) -> bool:
    held = [key for key in keys_of(old.id) if key.use == KeyUse.CHECKPOINT and not key.is_retired]
    return any(key.alg == MLDSA44 for key in held)


def _terms_of(old: StreamView) -> Terms | None:
    """What holds, whichever leaf says so; None where that leaf cannot be read."""
    try:
        return replace(terms(old), index=None)
    except LedgerError:
        return None


def _names_recovery(stream: StreamView) -> bool:
    """Whether genesis names a recovery key; so it is told where genesis cannot be read."""
    try:
        return leaf(stream, 0).parsed.fields["recovery_key"] is not None
    except LedgerError:
        return True
