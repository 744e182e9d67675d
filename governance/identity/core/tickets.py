"""What a single-use ticket opens."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What a ticket opens: the page on which a new person begins, or the enrolment of a first factor."""

    INVITATION = "invitation"
    FACTOR = "factor"
