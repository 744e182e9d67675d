"""One box for index, hash, id, actor, type and stream; nothing of others is found, or told apart from nothing."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.identity.actions.found_platform import found_platform
from governance.identity.core.roles import Role
from ledger.selectors import checkpoints, leaves
from ledger.selectors.key_history import keys_of
from ledger.services.append import append_events
from ledger.services.exports import request_bundle
from ledger.services.system_events import record_denial
from ledger.services.system_index import index_system
from tests.web.house import BY, House, at, decision, signed_in
from tests.web.test_tenancy import told

MOST = 12


def found(client: Client, text: str, more: str = "") -> str:
    return client.get(f"/search/?q={quote(text)}{more}").content.decode()


def jump(client: Client, text: str, more: str = "") -> str:
    response = client.get(f"/search/?q={quote(text)}{more}")
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def test_a_leaf_hash_in_hex_or_base64_opens_its_leaf(house: House, admin: Client) -> None:
    leaf = leaves.leaf(house.stream, 5)
    for text in (leaf.hash.hex(), base64.b64encode(leaf.hash).decode(), base64.urlsafe_b64encode(leaf.hash).decode()):
        assert jump(admin, text) == "/streams/acme/decisions/events/5/"


def test_an_index_opens_its_leaf_on_the_stream_whose_page_it_is(admin: Client) -> None:
    assert jump(admin, "5", "&in=acme/decisions") == "/streams/acme/decisions/events/5/"
    assert jump(admin, "acme/decisions@5") == "/streams/acme/decisions/events/5/"


def test_an_event_id_opens_its_event(admin: Client) -> None:
    assert jump(admin, "dec-3").startswith("/streams/acme/decisions/events/")


def test_a_type_opens_its_events(admin: Client) -> None:
    assert jump(admin, "ai.decision") == "/streams/acme/decisions/events/?type=ai.decision"


def test_a_stream_is_opened_by_its_name_and_listed_by_a_part(admin: Client) -> None:
    assert jump(admin, "acme/decisions") == "/streams/acme/decisions/"
    assert "/streams/acme/decisions/" in found(admin, "decis")


def test_a_signed_root_names_window_or_checkpoint(house: House, admin: Client) -> None:
    newest, window = checkpoints.newest(house.stream), checkpoints.window(house.stream, 1)
    assert newest is not None
    assert jump(admin, newest.root.hex()) == f"/streams/acme/decisions/checkpoints/{newest.size}/"
    assert jump(admin, window.root.hex()) == "/streams/acme/decisions/windows/1/"


def test_a_key_id_opens_the_keys_of_its_stream(house: House, admin: Client) -> None:
    kid = keys_of(house.stream)[0].kid
    assert jump(admin, kid) == f"/streams/acme/decisions/keys/#key-{kid}"


def test_jobs_and_bundles_are_found_by_id_and_by_who_asked(house: House, admin: Client) -> None:
    actor = "person:01a1fdc4-ceca-7541-a0d7-7a4987f3efe1"
    bundle, job = request_bundle(house.stream, 0, 3, actor=actor)
    assert jump(admin, str(bundle.public_id)) == f"/bundles/{bundle.public_id}/"
    assert jump(admin, str(job.public_id)) == f"/jobs/{job.public_id}/"
    text = found(admin, actor)
    assert f"/bundles/{bundle.public_id}/" in text
    assert f"/jobs/{job.public_id}/" in text


def test_an_actor_is_found_where_events_were_accepted_from_it(house: House, admin: Client, client: Client) -> None:
    for first in (100, 200):
        append_events(house.fresh(), [decision(first), decision(first + 1)], actor="key:pipeline")
    append_events(house.foreign, [decision(100)], actor="key:pipeline")
    size = house.fresh().size
    for asked in ("key:pipeline", "actor:key:pipeline"):
        text = found(admin, asked)
        assert f"Leaves {size - 2:,} to {size - 1:,} of acme/decisions" in text
        assert text.count("of acme/decisions") == 2
        assert "beta/decisions" not in text
        assert f"/streams/acme/decisions/events/{size - 4}/" in text
    text = found(admin, "actor:key:somebody-else")
    assert "No match" in text
    assert "An actor: of accepted events that you may read" in text
    operator = signed_in(client, house.person(Role.PLATFORM_OPERATOR, email="olu@acme.test"))
    assert "Leaves " not in found(operator, "key:pipeline")


def test_an_actor_is_found_in_the_system_ledger_by_who_reads_it(house: House, admin: Client) -> None:
    found_platform(by=BY, moment=at)
    record_denial(code="role_missing", actor="key:pipeline", door="events", request_id="r-1")
    index_system()
    assert "/system/" not in found(admin, "key:pipeline").partition("<main")[2]
    operator = signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="olu@acme.test"))
    text = found(operator, "key:pipeline")
    assert "/system/?of=events&amp;q=actor%3Akey%3Apipeline" in text
    assert "What happened to the platform" in text
    assert "of=changes" not in text
    assert "of=changes" in found(operator, BY.actor)
    assert "and of the system ledger" in text


def foreign_texts(house: House) -> list[str]:
    """Everything by which beta's evidence could be asked for."""
    newest = checkpoints.newest(house.foreign)
    assert newest is not None
    leaf, window = leaves.leaf(house.foreign, 5), checkpoints.window(house.foreign, 1)
    bundle, job = request_bundle(house.foreign, 0, 3, actor="person:bea")
    return [
        leaf.hash.hex(), newest.root.hex(), window.root.hex(), keys_of(house.foreign)[0].kid,
        str(bundle.public_id), str(job.public_id), "person:bea", "beta/decisions", "beta/decisions@5",
    ]  # fmt: skip


def unknown_like(text: str) -> str:
    """A text of the same form that names nothing at all."""
    if text.startswith(("beta/", "person:")):
        return text.replace("be", "ze")
    return text.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))


def without(text: str, page: str) -> str:
    for spelt in (text, quote(text), quote(text, safe="")):
        page = page.replace(spelt, "?")
    return page


def test_what_is_foreign_gives_the_page_of_what_is_not_there(house: House, admin: Client) -> None:
    for text in foreign_texts(house):
        other = unknown_like(text)
        foreign, unknown = (admin.get(f"/search/?q={quote(one)}") for one in (text, other))
        assert foreign.status_code == unknown.status_code == 200, text
        foreign_page, unknown_page = without(text, told(foreign)), without(other, told(unknown))
        assert foreign_page == unknown_page
        assert "No match" in foreign_page


def test_what_is_foreign_takes_the_same_queries_as_what_is_not_there(house: House, admin: Client) -> None:
    for text in foreign_texts(house):
        admin.get("/search/?q=warm")
        counts = []
        for one in (text, unknown_like(text)):
            with CaptureQueriesContext(connection) as queries:
                admin.get(f"/search/?q={quote(one)}")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= MOST, text


def test_the_id_of_an_event_is_not_found_by_who_sees_metadata_alone(house: House, client: Client) -> None:
    operator = signed_in(client, house.person(Role.PLATFORM_OPERATOR))
    text = found(operator, "dec-3")
    assert "No match" in text
    assert "you see metadata alone" in text


def test_the_page_says_what_was_searched_and_what_was_not(admin: Client) -> None:
    text = found(admin, "zzz")
    assert "ids and types of events by exact match" in text
    assert "what events say is not searched" in text


def test_an_empty_search_says_what_can_be_asked(admin: Client) -> None:
    assert "hash in hex or base64" in admin.get("/search/").content.decode()


@pytest.mark.parametrize("text", ["\0", "'", "%", "é" * 300, "../../", "<script>alert(1)</script>"])
def test_no_text_breaks_the_search(admin: Client, text: str) -> None:
    response = admin.get(f"/search/?q={quote(text)}")
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_a_look_up_by_hash_meets_its_index(house: House, admin: Client) -> None:
    leaf = leaves.leaf(house.stream, 5)
    with CaptureQueriesContext(connection) as queries:
        admin.get(f"/search/?q={leaf.hash.hex()}")
    asked = next(one["sql"] for one in queries.captured_queries if 'FROM "ledger_leaf"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off" if connection.in_atomic_block else "SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "Seq Scan" not in plan
    assert "expr" in plan or "hash" in plan


def test_shortcuts_can_be_switched_off(admin: Client) -> None:
    assert "data-shortcuts" in admin.get("/").content.decode()
    admin.post("/account/shortcuts/", {"shortcuts": "off"})
    assert "data-shortcuts" not in admin.get("/").content.decode()
    admin.post("/account/shortcuts/", {"shortcuts": "on"})
    assert "data-shortcuts" in admin.get("/").content.decode()
