"""A worker that dies between an effect and its commit leaves nothing: neither the effect, nor a word, nor an event."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from governance.change.actions import base
from governance.change.core.verbs import Verb
from governance.change.models import Change, IssuedStatement
from governance.identity.models import Tenant
from ledger.selectors.streams import stream
from tests.support.clones import Clone
from tests.support.governed import World, world

pytestmark = pytest.mark.db


def dies(*_: Any, **__: Any) -> None:
    """The database ends the connection, as it does when the process behind it is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def standing_things(it: World) -> tuple[Any, ...]:
    row = Change.objects.get()
    words, answered = row.words.count(), IssuedStatement.objects.filter(consumed__isnull=False).count()
    state = Tenant.objects.get(pk=it.acme.tenant.pk).state
    return row.state, row.index, words, answered, state, stream("_governance", "changes").size


def test_an_execution_that_is_killed_before_its_commit_never_was_and_can_be_repeated(
    ledger_db: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = world()
    row = it.approved(it.in_review())
    it.pass_time(3_601)
    envelope = it.signed(row, Verb.EXECUTE, "eva")
    before = standing_things(it)
    with monkeypatch.context() as patched:
        patched.setattr(base, "move", dies)
        with pytest.raises(DatabaseError):
            it.hand_in(row, envelope, "eva")
    connection.close()
    assert standing_things(it) == before
    assert it.hand_in(row, envelope, "eva").state == "applied"
    assert Tenant.objects.get(pk=it.acme.tenant.pk).state == "suspended"
