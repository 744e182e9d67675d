"""Every refusal of governed change is a problem of the API with a status of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.api.problems import PROBLEMS
from governance.change import errors


def kinds(base: type[errors.ChangeRefused] = errors.ChangeRefused) -> Iterator[type[errors.ChangeRefused]]:
    for one in base.__subclasses__():
        yield one
        yield from kinds(one)


LEAVES = [one for one in kinds() if not one.__subclasses__()]


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_a_refusal_has_a_row(kind: type[errors.ChangeRefused]) -> None:
    row = PROBLEMS[kind.code]
    assert row.status in {401, 403, 404, 409, 410, 422, 425, 429}
    assert row.next
