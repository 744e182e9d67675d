"""Checkers of fields that several bodies share, in the manner of `ledger.core.fields`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from governance.identity.core.names import is_unit_name
from ledger.core.types import JSON
from ledger.errors import LeafSchema

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_KID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def uuid_text(value: JSON) -> None:
    """A public id in its one spelling: lower-case hex with hyphens."""
    if not isinstance(value, str) or _UUID.fullmatch(value) is None:
        raise LeafSchema("A public id is expected", why=repr(value)[:80])


def second(value: JSON) -> None:
    """A time in UTC seconds."""
    if not isinstance(value, str) or _SECOND.fullmatch(value) is None:
        raise LeafSchema("A time in UTC seconds is expected", why=repr(value)[:80])
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise LeafSchema("A time names a moment that does not exist", why=value) from error


def kid(value: JSON) -> None:
    """The id of a key: 32 hex digits."""
    if not isinstance(value, str) or _KID.fullmatch(value) is None:
        raise LeafSchema("The id of a key is expected", why=repr(value)[:80])


def scope(value: JSON) -> None:
    """`platform`, or `tenant:<uuid>`."""
    if value == "platform":
        return
    if not isinstance(value, str) or not value.startswith("tenant:"):
        raise LeafSchema("platform or tenant:<id> is expected", why=repr(value)[:80])
    uuid_text(value.removeprefix("tenant:"))


def unit_name(value: JSON) -> None:
    """The name of an organisational unit."""
    if not isinstance(value, str) or not is_unit_name(value):
        raise LeafSchema("The name of a unit is expected: a-z, 0-9 and -", why=repr(value)[:80])


def an_object(value: JSON) -> None:
    """An object, whose fields are somebody else's to check."""
    if not isinstance(value, dict):
        raise LeafSchema("An object is expected", why=repr(value)[:80])
