"""What is refused about governed data directories: each with a stable code, a reason and a next step."""

from __future__ import annotations

from ledger.errors import RequestError


class TargetRefused(RequestError):
    """Base of the refusals about a target."""

    code = "target_refused"


class TargetUnknown(TargetRefused):
    """No such target, or none that exists for whoever asks."""

    code = "target_unknown"
    default_next = "Look the target up in the list of targets."


class TargetInvalid(TargetRefused):
    """What a target is to be does not hold together."""

    code = "target_invalid"
    default_next = "Correct what the reason names; evidenceos_target --help has the form."


class TargetUnreadable(TargetRefused):
    """The data directory cannot be read from here."""

    code = "target_unreadable"
    default_next = "Give the user that runs this server the right to read the directory, and try again."


class TargetNotAdopted(TargetRefused):
    """Nobody has looked at what the directory holds."""

    code = "target_not_adopted"
    default_next = "Adopt it first: ./manage.py evidenceos_adopt SLUG."


class TargetBusy(TargetRefused):
    """Somebody else writes there, or what was decided before is not written yet."""

    code = "target_busy"
    default_next = "Wait for the other one, or see with evidenceos_recover why the change before is not written."


class TargetMoved(TargetRefused):
    """A file is not as it was when the change was applied: somebody else wrote it. Nothing was written over it."""

    code = "target_moved"
    default_next = (
        "Look at the file; put it back and run evidenceos_recover, or propose on the page of the files to accept it."
    )


class TargetUnwritable(TargetRefused):
    """The disk refused: it is full, or there is no right to write."""

    code = "target_unwritable"
    default_next = "Make room or give the right to write, then run evidenceos_recover; the task tries again by itself."


class ChecksFailed(TargetRefused):
    """A check that a change of EvidenceOS needs failed, or could not be carried out."""

    code = "evidenceos_checks_failed"
    default_next = "Read the checks on the change's page; each says what to do."
