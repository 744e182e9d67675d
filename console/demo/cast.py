"""The tenants and people of the demo: roles, not characters. At least one person for each audience."""

from __future__ import annotations

from dataclasses import dataclass

from governance.identity.core.roles import Role

DOMAIN = "demo.localhost"
GUEST_DAYS = 30


@dataclass(frozen=True)
class House:
    """A tenant of the demo; `slug` is also the wished name of its namespace."""

    slug: str
    name: str


@dataclass(frozen=True)
class Player:
    """Somebody who signs in; `places` are slugs of tenants, None being the platform; `unit` is where they work."""

    email: str
    name: str
    role: Role
    places: tuple[str | None, ...]
    unit: str


INVENTORY = House("inventory", "Software inventory")
CHANGES = House("changes", "Change history")
DECISIONS = House("decisions", "Automated decisions")
TENANTS = (INVENTORY, CHANGES, DECISIONS)
EVERYWHERE = (None, *(tenant.slug for tenant in TENANTS))
_EVERYWHERE_ROLES = (
    Role.AUTHOR,
    Role.APPROVER,
    Role.EXECUTOR,
    Role.COMPLIANCE_OFFICER,
    Role.INTERNAL_AUDITOR,
)
_MORE = ((Role.APPROVER, 2), (Role.APPROVER, 3), (Role.EXECUTOR, 2))
"""Nobody decides alone: whoever wrote, approved or carries out has to be somebody else."""
UNITS = {"approver": "plant-north", "approver-2": "plant-south", "approver-3": "laboratory", "author": "methods"}
"""Where those work who sign: nobody approves beside somebody of their own unit, where a rule keeps units apart."""
ELSEWHERE = "head-office"
_TENANT_ROLES = (Role.TENANT_ADMIN, Role.TENANT_DEVELOPER, Role.TENANT_VIEWER)


def cast() -> tuple[Player, ...]:
    """Everybody, in the order in which they are told."""
    return (
        _player(Role.PLATFORM_OPERATOR, (None,)),
        *(_player(role, EVERYWHERE) for role in _EVERYWHERE_ROLES),
        *(_player(role, EVERYWHERE, number) for role, number in _MORE),
        _player(Role.GUEST_AUDITOR, (DECISIONS.slug,)),
        *(_in_tenant(role, tenant) for tenant in TENANTS for role in _TENANT_ROLES),
    )


def _player(role: Role, places: tuple[str | None, ...], number: int = 1) -> Player:
    words = role.words
    address, name = words.replace(" ", "-"), words.capitalize()
    if number > 1:
        address, name = f"{address}-{number}", f"{name} {number}"
    return Player(f"{address}@{DOMAIN}", f"{name} (demo)", role, places, UNITS.get(address, ELSEWHERE))


def founders() -> dict[str, tuple[str, ...]]:
    """The six who found the demo: their e-mail addresses, and the approver groups in which each has a place."""
    return {
        f"author@{DOMAIN}": (),
        f"approver@{DOMAIN}": ("ops",),
        f"approver-2@{DOMAIN}": ("ops",),
        f"approver-3@{DOMAIN}": ("ops", "science"),
        f"executor@{DOMAIN}": (),
        f"executor-2@{DOMAIN}": (),
    }


def _in_tenant(role: Role, tenant: House) -> Player:
    words = role.words
    address = f"{words.removeprefix('tenant ')}.{tenant.slug}@{DOMAIN}"
    return Player(address, f"{words.capitalize()} of {tenant.name} (demo)", role, (tenant.slug,), tenant.slug)
