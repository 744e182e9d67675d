"""Reading JSON that is written compactly and holds nothing doubtful: most of what arrives.

Guarantees that what is returned is what the strict reader returns. The accelerator merges duplicate keys and turns
large integers into floats; writing its value again shows both, since the bytes differ then. Floats, integers beyond
2^53-1, keys beyond ASCII and depth are found by a walk. Anything else is left to the strict reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.core.json_faults import MAX_SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.core.types import JSON

_loads: Callable[[bytes], Any] | None
_dumps: Callable[[Any], bytes]
try:
    import orjson
except ImportError:
    _loads = None
else:
    _loads, _dumps = orjson.loads, orjson.dumps

_LEAST: Final = -MAX_SAFE_INTEGER
_MOST: Final = MAX_SAFE_INTEGER


def quick(data: bytes, max_depth: int) -> JSON:
    """The value of a JSON object or array; None where only the strict reader may tell."""
    if _loads is None or data[:1] not in {b"{", b"["}:
        return None
    try:
        value: JSON = _loads(data)
        return value if _dumps(value) == data and is_plain(value, max_depth) else None
    except ValueError:
        return None


def is_plain(container: Any, depth: int) -> bool:  # noqa: C901  one loop without calls: the hot path
    """Tell whether orjson reads and writes as RFC 8785 does: exact types, ASCII keys, safe integers, bounded depth."""
    if type(container) is dict:
        if not "".join(container).isascii():
            return False
        container = container.values()
    for item in container:
        kind = type(item)
        if kind is str:
            continue
        if kind is int:
            if not _LEAST <= item <= _MOST:
                return False
        elif kind is dict or kind is list:
            if depth == 1 or not is_plain(item, depth - 1):
                return False
        elif kind is not bool and item is not None:
            return False
    return True
