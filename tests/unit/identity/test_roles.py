from __future__ import annotations

import itertools

import pytest

from governance.identity.core.roles import (
    CAPABILITIES,
    Capability,
    Role,
    capabilities_of,
    conflicts,
    excludes,
)

EXCLUDED = {
    frozenset({auditor, other})
    for auditor in (Role.INTERNAL_AUDITOR, Role.GUEST_AUDITOR)
    for other in (Role.AUTHOR, Role.APPROVER, Role.EXECUTOR, Role.TENANT_ADMIN)
} | {frozenset({Role.APPROVER, Role.PLATFORM_OPERATOR}), frozenset({Role.APPROVER, Role.TENANT_ADMIN})}


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(Role, 2)))
def test_it_excludes_exactly_what_the_matrix_says(one: Role, other: Role) -> None:
    pair = frozenset({one, other})
    expected = pair in EXCLUDED or Role.WITNESS_OPERATOR in pair
    assert excludes(one, other) is expected
    assert excludes(other, one) is expected


def test_a_role_never_excludes_itself() -> None:
    assert not any(excludes(role, role) for role in Role)


def test_it_names_every_held_role_that_conflicts() -> None:
    held = [Role.TENANT_VIEWER, Role.EXECUTOR, Role.AUTHOR]
    assert conflicts(Role.INTERNAL_AUDITOR, held) == (Role.AUTHOR, Role.EXECUTOR)


def test_every_role_has_its_capabilities_and_platform_operators_see_metadata_only() -> None:
    assert set(CAPABILITIES) == set(Role)
    assert CAPABILITIES[Role.PLATFORM_OPERATOR] == {Capability.SEE}


def test_auditors_may_not_write_whatever_else_they_are() -> None:
    both = capabilities_of([Role.INTERNAL_AUDITOR, Role.TENANT_VIEWER])
    assert not both & {Capability.APPEND, Capability.MANAGE}
