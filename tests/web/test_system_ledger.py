"""The system ledger is searched with qualifiers, says how complete it is, and opens for who may read it."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.identity.actions.found_platform import found_platform
from governance.identity.core.roles import Role
from ledger.models import SystemFact
from ledger.selectors import streams
from ledger.selectors.system_facts import FactQuery, facts, indexed_to
from ledger.services import spool, system_events
from ledger.services.system_events import SystemEvent
from ledger.services.system_index import index_system
from tests.web.house import BY, House, at, signed_in


@pytest.fixture(autouse=True)
def _platform(house: House) -> None:
    """The platform's namespaces, as a start of the product makes them."""
    found_platform(by=BY, moment=at)


@pytest.fixture
def operator(house: House) -> Client:
    return signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test"))


def denied(code: str, actor: str, request: str = "r") -> None:
    system_events.record_denial(code=code, actor=actor, door="page:x", request_id=request, asked={"stream": "acme/x"})


def shown(client: Client, question: str = "", of: str = "events") -> list[str]:
    text = client.get(f"/system/?of={of}&q={quote(question)}").content.decode().replace("<wbr>", "")
    return re.findall(r'data-label="What"><a [^>]*>([^<]+)</a>', text)


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("actor:person:1", 2), ("actor:person:2", 1), ("code:role_missing", 2), ("code:role", 0), ("request:r2", 1),
        ("type:console:request:denied", 3), ("type:console:*", 3), ("actor:person:1 code:csrf_failed", 1),
        ("missing", 2), ("role missing", 2), ("missing nothing", 0), ("acme/x", 3), ("after:1h missing", 2),
        ("before:1h missing", 0),
    ],
)  # fmt: skip
def test_a_question_finds_the_same_in_the_columns_and_in_the_leaves(
    operator: Client, question: str, count: int, *, indexed: bool
) -> None:
    denied("role_missing", "person:1")
    denied("csrf_failed", "person:1", "r2")
    denied("role_missing", "person:2")
    if indexed:
        assert index_system() > 0
    assert len(shown(operator, question)) == count


def test_columns_are_filled_in_order_without_a_hole_and_once(house: House) -> None:
    for number in range(7):
        denied("role_missing", f"person:{number}")
    log = streams.stream("_system", "events")
    while index_system(batch=2):
        pass
    rows = SystemFact.objects.filter(stream_id=log.id)
    assert indexed_to(log) == rows.order_by("-index").values_list("index", flat=True)[0] + 1
    assert rows.count() == 7
    assert index_system() == 0


def test_pages_of_columns_and_leaves_join_without_loss(house: House) -> None:
    for number in range(6):
        denied("role_missing", f"person:{number}")
    index_system()
    for number in range(6, 12):
        denied("role_missing", f"person:{number}")
    log, seen, below = streams.stream("_system", "events"), [], None
    while found := facts(log, FactQuery(code="role_missing"), below, 5):
        seen += [row.actor for row in found]
        below = found[-1].index
    assert seen == [f"person:{number}" for number in reversed(range(12))]


def test_it_says_what_it_holds_what_was_refused_and_what_waits_outside(operator: Client) -> None:
    denied("role_missing", "person:1")
    text = operator.get("/system/").content.decode()
    assert "each bound to the one before since" in text
    assert "were read directly for this page" in text
    assert "refused no try" in text
    assert "Nothing waits in the spool" in text
    spool.note(SystemEvent.SEAL_FAILED, {"stream": "x", "code": "y"})
    assert "1 record waits in the spool" in operator.get("/system/").content.decode()


def test_changes_are_the_other_log(house: House, operator: Client) -> None:
    assert "identity:membership:granted" in shown(operator, of="changes")
    assert shown(operator, "type:identity:tenant:created", of="changes") == ["identity:tenant:created"] * 2


def test_a_tenant_finds_nothing_at_this_address(admin: Client) -> None:
    assert admin.get("/system/").status_code == 404


def test_a_witness_operator_is_told_which_role_it_takes(house: House, client: Client) -> None:
    witness = signed_in(client, house.person(Role.WITNESS_OPERATOR))
    response = witness.get("/system/")
    assert response.status_code == 403
    assert "platform operator" in response.content.decode()


def test_few_queries_however_much_is_there(operator: Client) -> None:
    for number in range(20):
        denied("role_missing", f"person:{number}")
    index_system()
    denied("role_missing", "person:new")
    operator.get("/system/?q=role")
    with CaptureQueriesContext(connection) as queries:
        operator.get("/system/?q=role")
    told = [one["sql"][:90] for one in queries.captured_queries]
    assert len(told) <= 12, "\n".join(told)


def test_its_file_names_the_question_as_given(operator: Client) -> None:
    denied("role_missing", "person:1")
    response = operator.get("/system/?q=role&format=jsonl")
    assert b'"code": "role_missing"' in b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a file
    assert "console:list:exported" in shown(operator)
