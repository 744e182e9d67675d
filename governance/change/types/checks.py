"""Checkers of fields that several bodies share, in the manner of `ledger.core.fields`."""

from __future__ import annotations

import re

from ledger.core.types import JSON
from ledger.errors import LeafSchema

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def uuid_text(value: JSON) -> None:
    """A public id in its one spelling: lower-case hex with hyphens."""
    if not isinstance(value, str) or _UUID.fullmatch(value) is None:
        raise LeafSchema("A public id is expected", why=repr(value)[:80])
