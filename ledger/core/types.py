"""Names for the numbers and bytes that must not be mixed up."""

from __future__ import annotations

from typing import NewType, TypeAlias

Hash = NewType("Hash", bytes)
"""32 bytes of SHA-256."""

LeafIndex = NewType("LeafIndex", int)
"""0-based place of a leaf in its log."""

TreeSize = NewType("TreeSize", int)
"""Number of leaves of a tree."""

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
JSONObject: TypeAlias = dict[str, JSON]

HASH_BYTES = 32
