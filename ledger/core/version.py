"""The product's version, as verifier and bundles state it."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
