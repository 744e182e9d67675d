"""Codes of what was not checked, and of what a reader should know although nothing is wrong with it."""

from __future__ import annotations

from typing import Final

from ledger.core.codes_row import Effect, rows

NOTES: Final = (
    *rows(
        Effect.INCOMPLETE,
        (
            "clock_not_given",
            "Whether the records' times hold was not checked.",
            "no time was given to compare with",
            "Check again with the time.",
        ),
        (
            "epoch_not_given",
            "Whether contracts hold at the present epoch was not checked: no epoch is forced.",
            "each claim has its own logical epoch",
            "Check again with the epoch of the claims that are meant.",
        ),
        (
            "resolution_not_given",
            "Whether the contract is bound to the oracle's resolution was not checked.",
            "symbols, lane, calibration, epoch or TTL are not known",
            "Check again with the resolution that the next claim is frozen with.",
        ),
        (
            "settlement_key_not_given",
            "Whether settlements are signed was not checked.",
            "no signer's key was given to compare with",
            "Check again with the signer's public key.",
        ),
    ),
    *rows(
        Effect.NOTE,
        (
            "event_unsigned",
            "The event carries a signature that was copied from elsewhere: it proves nothing about the event.",
            "the type of the event with those that are signed",
            "Rely on the record of the change that led to it.",
        ),
        (
            "event_id_repeated",
            "An event has the id of an earlier one: looking it up shows the earlier.",
            "event_id with those of the lines before",
            "Name the event by its line, or by the record of its change.",
        ),
        (
            "event_type_unknown",
            "The event is of no type that upstream writes.",
            "event_type with the six known ones",
            "Find out which program writes such events.",
        ),
        (
            "event_missing",
            "A setting is in force whose event is not in the log.",
            "each setting with the events of the log",
            "Find out who wrote the setting: upstream writes it before the event, and its other tool writes none.",
        ),
        (
            "canary_frozen",
            "The canary is frozen: every execution of the claim is rejected and revokes it.",
            "the e-value with the barrier",
            "Open an incident; a reset is a change of its own.",
        ),
        (
            "canary_stale",
            "The canary freezes at its next execution, for its age.",
            "the epoch with the last one checked and the most it may be old",
            "Open an incident before the claim is executed again.",
        ),
        (
            "private_keys_present",
            "Private keys of the log lie in the directory. They were not read.",
            "the names of files below keys/",
            "Nothing needs to be done; keep the directory's rights narrow.",
        ),
        (
            "file_unread",
            "The file is none of those that are governed. It was not read.",
            "the name with the layout of a data directory",
            "Nothing needs to be done; it is kept as it is.",
        ),
    ),
)
