"""Who fills which place: a largest matching of people and the groups they belong to.

Guarantees that a person fills one place at most, and that no place stays empty that could be filled by moving
others (augmenting paths; Kuhn, "The Hungarian method", 1955). Follows the governance reference, I2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def filled_slots(groups: Sequence[str], people: Mapping[str, frozenset[str]]) -> list[str | None]:
    """For each place (named by its group) the person who fills it; `people` maps a person to their groups.

    People are taken in the order of `people`, so that the same words give the same answer everywhere.
    """
    holders: list[str | None] = [None] * len(groups)
    for person in people:
        _seat(person, groups, people, holders, set())
    return holders


def _seat(
    person: str, groups: Sequence[str], people: Mapping[str, frozenset[str]], holders: list[str | None],
    tried: set[int],
) -> bool:  # fmt: skip
    """Find a place for `person`, moving others where that helps."""
    for place, group in enumerate(groups):
        if group not in people[person] or place in tried:
            continue
        tried.add(place)
        holder = holders[place]
        if holder is None or _seat(holder, groups, people, holders, tried):
            holders[place] = person
            return True
    return False
