"""Lists are sorted and filtered in the address, paged by keyset, and taken away as files with a manifest."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from html import unescape

import pytest
from django.test import Client

from console.listing import files
from governance.identity.core.roles import Role
from ledger.core.event import RawEvent
from ledger.core.strict_json import parse
from ledger.selectors import leaves, streams
from ledger.services.append import append_events
from ledger.services.exports import request_bundle
from ledger.services.streams import create_stream
from ledger.services.system_event import SystemEvent
from tests.web.house import House, decision, signed_in

EVENTS = "/streams/acme/decisions/events/"


def indices(client: Client, query: str = "") -> list[int]:
    text = client.get(f"{EVENTS}{query}").content.decode()
    return [int(one) for one in re.findall(r'/streams/acme/decisions/events/(\d+)/"', text)]


def following(client: Client, path: str) -> str:
    found = re.search(r'href="([^"]*)"\s+rel="next"', client.get(path).content.decode())
    return unescape(found.group(1)) if found else ""


def file_of(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a file streams


def manifests() -> list[dict[str, object]]:
    system = streams.stream("_system", "events")
    rows = leaves.events_in(system, filters=leaves.EventFilter(type=SystemEvent.LIST_EXPORTED))
    return [parse(leaves.event(system, row.index).payload or b"") for row in rows]  # type: ignore[misc]  # objects


def test_events_are_sorted_either_way_by_their_index(admin: Client) -> None:
    assert indices(admin) == sorted(indices(admin), reverse=True)
    assert indices(admin, "?sort=index") == sorted(indices(admin))


def test_events_are_sorted_by_type_and_paged_without_loss(house: House, admin: Client) -> None:
    mixed = [RawEvent(type=f"t.{n % 3}", id=f"m{n}", source="s", payload=b"{}") for n in range(140)]
    append_events(house.fresh(), mixed, actor="machine:test")
    seen, path = [], f"{EVENTS}?sort=type"
    while True:
        seen += indices(admin, path.removeprefix(EVENTS))
        query = following(admin, path)
        if not query:
            break
        path = f"{EVENTS}{query}"
    types = {row.index: row.type for row in leaves.events_in(house.fresh(), limit=1000)}
    assert len(seen) == len(set(seen)) == len(types)
    assert [types[index] for index in seen] == sorted(types.values())


def test_a_heading_tells_its_order_and_leads_to_the_other(admin: Client) -> None:
    text = admin.get(EVENTS).content.decode()
    assert 'aria-sort="descending"><a class="sort" href="?sort=index">' in text
    assert 'aria-sort="ascending"' in admin.get(f"{EVENTS}?sort=index").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?sort=payload",
        "?after=x",
        '?after=["a"]',
        "?sort=type&after=5",
        '?sort=type&after=["a",true]',
        "?after=" + "9" * 40,
    ],
)
def test_an_order_or_place_that_makes_no_sense_is_the_first_page(admin: Client, query: str) -> None:
    assert len(indices(admin, query)) == 12


@pytest.mark.parametrize(("path", "first"), [("?sort=-size", "acme/larger"), ("?sort=size", "acme/decisions")])
def test_streams_are_sorted_by_size(house: House, admin: Client, path: str, first: str) -> None:
    larger = create_stream("acme", "larger", actor="machine:test")
    append_events(larger, [decision(number) for number in range(40)], actor="machine:test")
    text = admin.get(f"/streams/{path}").content.decode()
    listed = re.findall(r'<td class="main-cell"><a href="/streams/([^"]+)/">', text)
    assert listed[0] == first


def test_streams_are_narrowed_by_state(house: House, admin: Client) -> None:
    assert "acme/decisions</a>" not in admin.get("/streams/?state=waiting").content.decode()
    append_events(house.fresh(), [decision(99)], actor="machine:test")
    assert "acme/decisions</a>" in admin.get("/streams/?state=waiting").content.decode()


def test_bundles_are_narrowed_by_stream_and_verdict(house: House, admin: Client) -> None:
    bundle, _ = request_bundle(house.stream, 0, 3, actor="machine:test")
    for query, there in (("", True), ("?stream=acme/decisions", True), ("?stream=acme/other", False),
                         ("?outcome=open", True), ("?outcome=verified", False)):  # fmt: skip
        assert (str(bundle.public_id) in admin.get(f"/bundles/{query}").content.decode()) is there, query


def test_a_csv_has_the_rows_of_the_filter_and_its_manifest_is_entered_first(house: House, admin: Client) -> None:
    append_events(house.fresh(), [RawEvent(type="other", id="o1", source="s", payload=b"{}")], actor="machine:test")
    response = admin.get(f"{EVENTS}?type=ai.decision&format=csv")
    assert len(manifests()) == 1, "entered before the body was read"
    body = b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a file streams
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert [row["type"] for row in rows] == ["ai.decision"] * 12
    assert rows[0]["subject"] == "case-11"
    digest = hashlib.sha256(body)
    manifest = manifests()[0]
    assert (manifest["rows"], manifest["sha256"]) == (12, digest.hexdigest())
    assert manifest["filter"] == {"type": "ai.decision", "sort": "-index"}
    assert str(manifest["actor"]).startswith("person:")
    assert response["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert response["Content-Disposition"] == 'attachment; filename="acme-decisions-events.csv"'


def test_json_lines_say_the_same_in_the_order_of_the_page(admin: Client) -> None:
    lines = [json.loads(line) for line in file_of(admin, f"{EVENTS}?sort=index&format=jsonl").splitlines()]
    assert [line["index"] for line in lines] == indices(admin, "?sort=index")
    assert lines[0]["event_id"] == "dec-0"


def test_a_file_is_read_in_chunks_and_loses_nothing(
    house: House, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CHUNK", 5)
    for sort in ("index", "-index", "type", "-type"):
        lines = [json.loads(line) for line in file_of(admin, f"{EVENTS}?sort={sort}&format=jsonl").splitlines()]
        assert sorted(line["index"] for line in lines) == sorted(indices(admin)), sort


def test_a_list_beyond_the_limit_is_refused_and_not_cut(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST", 11)
    response = admin.get(f"{EVENTS}?format=csv")
    assert response.status_code == 422
    assert "Narrow the filter" in response.content.decode()
    assert manifests() == []


def test_a_cell_that_begins_like_a_formula_is_text(house: House, admin: Client) -> None:
    risky = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"]  # noqa: RUF001  (the full-width sign)
    events = [RawEvent(type="t", id=f"r{n}", source="s", subject=text, payload=b"{}") for n, text in enumerate(risky)]
    append_events(house.fresh(), events, actor="machine:test")
    rows = list(csv.DictReader(io.StringIO(file_of(admin, f"{EVENTS}?type=t&sort=index&format=csv").decode())))
    assert [row["subject"] for row in rows] == [f"'{text}" for text in risky]
    lines = [json.loads(line) for line in file_of(admin, f"{EVENTS}?type=t&sort=index&format=jsonl").splitlines()]
    assert [line["subject"] for line in lines] == risky


def test_values_of_filters_that_are_content_are_not_told_in_the_manifest(admin: Client) -> None:
    file_of(admin, f"{EVENTS}?subject=case-3&format=csv")
    assert manifests()[0]["filter"] == {"subject": "given", "sort": "-index"}


def test_a_filter_that_cannot_be_read_gives_no_file(admin: Client) -> None:
    response = admin.get(f"{EVENTS}?recorded_from=yesterday&format=csv")
    assert response.status_code == 422
    assert manifests() == []


def test_who_sees_metadata_takes_away_metadata_alone(house: House, client: Client) -> None:
    operator = signed_in(client, house.person(Role.PLATFORM_OPERATOR))
    line = json.loads(file_of(operator, f"{EVENTS}?subject=case-3&sort=index&format=jsonl").splitlines()[0])
    assert set(line) == {"index", "type", "recorded"}
    assert line["index"] == 1, "what may not be read narrows nothing"


def test_files_of_other_lists_hold_my_namespaces_alone(house: House, admin: Client) -> None:
    request_bundle(house.stream, 0, 3, actor="machine:test")
    request_bundle(house.foreign, 0, 3, actor="machine:test")
    for path in ("/streams/", "/bundles/"):
        rows = list(csv.DictReader(io.StringIO(file_of(admin, f"{path}?format=csv").decode())))
        assert {row["namespace"] for row in rows} == {"acme"}, path


def test_windows_and_checkpoints_are_taken_away_too(house: House, admin: Client) -> None:
    base = "/streams/acme/decisions/"
    window = json.loads(file_of(admin, f"{base}windows/?format=jsonl"))
    assert (window["number"], window["count"]) == (1, 13)
    checkpoint = json.loads(file_of(admin, f"{base}checkpoints/?format=jsonl"))
    assert (checkpoint["size"], checkpoint["note"].splitlines()[1]) == (14, "14")


def test_an_unknown_form_is_the_page(admin: Client) -> None:
    assert admin.get(f"{EVENTS}?format=xlsx")["Content-Type"].startswith("text/html")


def test_a_relative_range_moves_until_it_is_frozen(house: House, admin: Client) -> None:
    text = admin.get(f"{EVENTS}?since=24h").content.decode()
    assert len(indices(admin, "?since=24h")) == 12
    frozen = unescape(re.search(r'chip--action"\s+href="([^"]+)"', text).group(1))  # type: ignore[union-attr]  # found
    assert "since" not in frozen
    assert re.search(r"recorded_from=\d{4}-\d\d-\d\dT", frozen)
    assert indices(admin, frozen) == indices(admin, "?since=24h")
    append_events(house.fresh(), [decision(77)], actor="machine:test")
    assert len(indices(admin, "?since=24h")) == 13


def test_a_list_offers_its_call_as_a_command(admin: Client) -> None:
    text = unescape(admin.get(f"{EVENTS}?type=ai.decision").content.decode())
    wanted = "http://testserver/api/v1/streams/acme/decisions/events/?type=ai.decision&order=newest"
    assert f"curl -fsS -H \"Authorization: Bearer $COUNTERSIGN_TOKEN\" '{wanted}'" in text
    items = admin.get(wanted.removeprefix("http://testserver")).json()["items"]
    assert [item["index"] for item in items] == indices(admin, "?type=ai.decision")
