"""Forms of changes: each makes a body that its kind takes, and none tells a reader what is not theirs."""

from __future__ import annotations

import html
import json
import re
from itertools import groupby
from typing import Any

import pytest

from console.forms.changes import ELSEWHERE, FORMS, form_of
from console.forms.changes.base import ChangeForm, Reader
from console.forms.changes.targets import OfTargetForm
from governance.change.core.states import State
from governance.change.selectors.changes import Scope, scope_of
from governance.change.selectors.effects import check_body
from governance.change.types import TYPES, change_type
from governance.identity.core.roles import Role
from governance.identity.selectors.principals import principal_of_person
from ledger.services.streams import create_stream
from tests.support.clones import Clone
from tests.support.governed import POLICY, World, world
from tests.support.people import registered
from tests.support.world import person, place, signed_in

pytestmark = pytest.mark.db
NAMES = [one.kind for one in FORMS]
HERE = [one.kind for one in FORMS if not issubclass(one, OfTargetForm)]
"""Those of a data directory need one: tests/web/test_evidenceos_forms.py."""


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def reader(it: World) -> Reader:
    return Reader(Scope(everything=True), frozenset({"acme"}), it.now)


def filled(it: World) -> dict[str, dict[str, Any]]:
    """What somebody types into each form."""
    tenant, ben = str(it.acme.tenant.public_id), str(it["ben"].row.public_id)
    stream = it.acme.stream.origin
    first = registered(it["ada"].row)[0]
    new = registered(it["ben"].row, replaces=it["ben"].kid)[0]
    return {
        "role.grant": {"person": ben, "role": "author", "tenant": "", "place": "science", "expires": ""},
        "role.revoke": {"person": ben, "role": "approver", "tenant": "", "place": ""},
        "person.unit": {"person": ben, "unit": "north"},
        "key.enrol": {"key": first.kid},
        "key.rotate": {"key": new.kid},
        "key.revoke": {"key": it["ben"].kid, "why": "Lost."},
        "tenant.state": {"tenant": tenant, "state": "suspended"},
        "stream.policy": {"stream": stream, "policy": "quorum none"},
        "stream.publicity": {"stream": stream, "tiles": "on"},
        "stream.retention": {"stream": stream, "attrs_days": "", "payload_days": "400"},
        "payload.erase": {"stream": stream, "first": "1", "last": "2", "parts": ["payload"], "reason_code": "order"},
        "hold.release": {"stream": stream, "case": "case 7"},
        "reliance.pause": {"stream": stream, "first": "1", "last": "2"},
        "reliance.resume": {"stream": stream, "first": "1", "last": "2"},
        "log_key.rotate": {"stream": stream, "use": "receipt", "alg": "ed25519"},
        "log_key.retire": {"stream": stream, "kid": "ab" * 16, "alg": "ed25519"},
        "freeze": {"scope": f"tenant:{tenant}", "reason_shown": "We look into it."},
        "thaw": {"scope": "platform"},
        "emergency.apply": {
            "incident": "key compromise", "type": "tenant.state",
            "inner": f'{{"tenant": "{tenant}", "state": "suspended"}}',
        },
        "drill": {"exercise": "Can two of ops sign from home?"},
        "policy.change": {"policy": json.dumps(POLICY.to_json())},
    }  # fmt: skip


def form(it: World, kind: str) -> ChangeForm:
    made = form_of(kind)
    assert made is not None
    return made(filled(it)[kind], reader=reader(it))


def test_every_kind_has_a_form_or_a_reason_to_have_none() -> None:
    assert set(NAMES) | ELSEWHERE == {one.name for one in TYPES}
    assert not set(NAMES) & ELSEWHERE


def test_the_forms_of_one_heading_stand_beside_each_other() -> None:
    headings = [group for group, _ in groupby(one.group for one in FORMS)]
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("kind", HERE)
def test_a_form_makes_a_body_that_its_kind_takes(it: World, kind: str) -> None:
    made = form(it, kind)
    assert made.is_valid(), made.errors
    check_body(change_type(kind), made.body)


@pytest.mark.parametrize("kind", HERE)
def test_an_edit_begins_with_what_stands_there(it: World, kind: str) -> None:
    made = form(it, kind)
    assert made.is_valid(), made.errors
    initial = made.initial_of(made.body)
    shown = set(made.fields) - {"expires"}
    assert {name: value for name, value in initial.items() if name in shown}
    assert shown <= set(initial)


@pytest.mark.parametrize("kind", NAMES)
def test_the_page_of_each_form_opens(it: World, kind: str) -> None:
    answer = signed_in(it["ada"].row).get(f"/changes/new/{kind}/")
    assert answer.status_code == 200
    assert change_type(kind).words in html.unescape(answer.content.decode())


def test_a_tenants_admin_is_offered_what_is_theirs(it: World) -> None:
    other = place("zeta")
    create_stream("zeta", "secret", actor="key:tests")
    person("zoe@zeta.test", Role.TENANT_ADMIN, other.tenant, decided=True)
    admin = person("tess@acme.test", Role.TENANT_ADMIN, it.acme.tenant, decided=True)
    principal = principal_of_person(admin, it.now)
    assert principal is not None
    theirs = Reader(scope_of(admin.public_id, it.now), principal.namespaces, it.now)
    offered: list[list[Any]] = [theirs.tenants(), theirs.origins(), [one.name for one in theirs.people()]]
    assert [len(one) for one in (offered[0], offered[2])] == [1, 1]
    assert offered[1]
    assert "zeta" not in str(offered).lower()
    assert "Zoe" not in str(offered)


def test_an_address_fills_a_form_in_and_the_effect_is_there_at_once(it: World) -> None:
    here = signed_in(it["ada"].row)
    query: dict[str, Any] = {**it.suspend, "reason": "Their programs loop.", "nothing": "else"}
    answer = here.get("/changes/new/tenant.state/", query)
    told = html.unescape(answer.content.decode())
    assert "Their programs loop." in told
    assert "<ins>suspended</ins>" in told
    plain = here.get("/changes/new/tenant.state/?nothing=else").content.decode()
    assert "The effect is computed here as you fill in." in plain


def test_what_is_typed_becomes_a_draft(it: World) -> None:
    here = signed_in(it["ada"].row)
    answer = here.post("/changes/new/stream.retention/", {**filled(it)["stream.retention"], "reason": "Two years."})
    assert answer.status_code == 302, re.findall("(?:notice-body|-error).*", answer.content.decode())
    assert "Set how long content is kept" in here.get(answer["Location"]).content.decode()
    assert State.DRAFT.value in here.get("/changes/?view=drafts").content.decode()
