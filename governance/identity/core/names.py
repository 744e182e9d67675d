"""Names of namespaces and slugs of tenants: `[a-z0-9-]{1,63}`, a leading underscore being the platform's. Names of
organisational units have the same form, so that no two look alike that differ.
"""

from __future__ import annotations

import re

NAME_PATTERN = "[a-z0-9-]{1,63}"
PLATFORM_PATTERN = "_[a-z0-9-]{1,62}"
_NAME = re.compile(NAME_PATTERN)
_PLATFORM = re.compile(PLATFORM_PATTERN)


def is_tenant_name(name: str) -> bool:
    """Whether a tenant may own a namespace (or carry a slug) of this name."""
    return _NAME.fullmatch(name) is not None


def is_unit_name(name: str) -> bool:
    """Whether an organisational unit may be called so: in one spelling, of letters that nobody mistakes."""
    return _NAME.fullmatch(name) is not None


def is_platform_name(name: str) -> bool:
    """Whether the name is reserved for the platform itself."""
    return _PLATFORM.fullmatch(name) is not None
