"""The tenants there are, read once in a few seconds by each process: for names and choices, never for a right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from governance.identity.selectors.tenants import all_tenants

if TYPE_CHECKING:
    from governance.identity.selectors.tenants import TenantView

KEPT_S = 3
_KEY = "tenants"


def tenants_now() -> tuple[TenantView, ...]:
    """Every tenant, by name."""
    kept: tuple[TenantView, ...] | None = cache.get(_KEY)
    if kept is None:
        kept = all_tenants()
        cache.set(_KEY, kept, KEPT_S)
    return kept
