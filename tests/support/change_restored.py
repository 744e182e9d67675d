"""A founded deployment of tests, as it was before a history of changes ran over it."""

from __future__ import annotations

from governance.change.models import Freeze
from governance.identity.models import GroupMember, Person
from tests.support.change_truth import Truth
from tests.support.governed import CAST, World
from tests.support.people import planted_key


def as_they_were_cast(it: World, truth: Truth) -> None:
    """Nothing is frozen, and everybody has account, place and key again."""
    Freeze.objects.filter(lifted__isnull=True).update(lifted=it.now, lifted_decision="restored")
    for name, person in truth.people.items():
        one = it[name]
        Person.objects.filter(pk=one.row.pk).update(is_active=True)
        if not person.approves and CAST[name][1]:
            for group in CAST[name][1]:
                GroupMember.objects.create(person=one.row, group_id=group, created=it.now)
        if not person.has_key:
            key, one.private = planted_key(one.row)
            one.kid = key.kid
