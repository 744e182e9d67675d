from __future__ import annotations

import hashlib
import io
import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.identity.core.principal import Scope
from governance.identity.core.roles import Role
from ledger.core.trust import Reader
from ledger.core.verify import verify_bundle
from ledger.core.witness_policy import parse_policy
from ledger.services.exports import run_export
from tests.api.test_bad_input import check
from tests.api.test_proofs import fill, seal
from tests.api.test_verify import policy
from tests.support.counts import rows_of
from tests.support.world import Place, key_with, person, signed_in

ADDRESS = "/api/v1/bundles/"


@pytest.fixture
def sealed(client: Client, acme: Place) -> Place:
    """A stream whose events a checkpoint covers."""
    fill(client, acme, 0, 6)
    seal(client, acme)
    return acme


def ask(client: Client, where: Place, first: Any = 0, last: Any = 6, **more: Any) -> Any:
    body = {"namespace": where.stream.namespace, "stream": "decisions", "from": first, "to": last, **more}
    return client.post(ADDRESS, json.dumps(body), "application/json", headers=where.bearer)


def made(client: Client, where: Place, **more: Any) -> dict[str, Any]:
    """A bundle whose job has been carried out."""
    asked = ask(client, where, **more).json()
    run_export(uuid.UUID(asked["job"]["id"]))
    found: dict[str, Any] = client.get(asked["links"]["bundle"], headers=where.bearer).json()
    return found


def content(client: Client, where: Place, bundle: dict[str, Any]) -> bytes:
    answer: Any = client.get(bundle["links"]["download"], headers=where.bearer)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] == "application/gzip"
    return b"".join(answer.streaming_content)


def test_it_is_asked_for_watched_and_fetched(client: Client, sealed: Place) -> None:
    answer = ask(client, sealed)
    assert answer.status_code == 202
    asked = answer.json()
    assert answer["Location"] == asked["links"]["bundle"]
    assert "download" not in asked["links"]
    job = client.get(asked["job"]["links"]["job"], headers=sealed.bearer).json()
    assert (job["state"], job["kind"]) == ("queued", "export")
    run_export(uuid.UUID(job["id"]))
    done = client.get(asked["links"]["bundle"], headers=sealed.bearer).json()
    assert (done["outcome"], done["job"]["state"]) == ("verified", "done")
    data = content(client, sealed, done)
    assert hashlib.sha256(data).hexdigest() == done["sha256"]
    assert len(data) == done["bytes"]


def test_what_was_fetched_is_verified_by_its_bytes_here_and_through_the_api(client: Client, sealed: Place) -> None:
    data = content(client, sealed, made(client, sealed))
    reader = Reader(parse_policy(policy(sealed).encode()))
    assert verify_bundle(io.BytesIO(data), io.BytesIO(), reader).outcome == "verified"
    form = {"evidence": SimpleUploadedFile("bundle.tar.gz", data), "policy": policy(sealed)}
    assert client.post("/api/v1/verify/", form).json()["outcome"] == "verified"


def test_a_changed_bundle_is_rejected_through_the_api(client: Client, sealed: Place) -> None:
    data = bytearray(content(client, sealed, made(client, sealed)))
    data[len(data) // 2] ^= 1
    form = {"evidence": SimpleUploadedFile("bundle.tar.gz", bytes(data)), "policy": policy(sealed)}
    assert client.post("/api/v1/verify/", form).json()["outcome"] == "rejected"


def test_what_is_not_disclosed_is_not_in_it(client: Client, sealed: Place) -> None:
    full, bare = (made(client, sealed, disclose=shown) for shown in (["attrs", "payload"], []))
    assert len(content(client, sealed, bare)) < len(content(client, sealed, full))


def test_there_is_no_file_before_the_job_is_done(client: Client, sealed: Place) -> None:
    address = ask(client, sealed).json()["links"]["bundle"] + "download/"
    check(client.get(address, headers=sealed.bearer), 409, "bundle_not_ready")


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"first": 0, "last": 99}, "range_invalid", ""),
        ({"first": 3, "last": 2}, "parameter_invalid", "$.to"),
        ({"first": -1, "last": 2}, "parameter_invalid", "$.to"),
        ({"first": "0", "last": 2}, "parameter_invalid", "$.from"),
        ({"disclose": ["names"]}, "parameter_invalid", "$.disclose"),
        ({"odd": 1}, "parameter_invalid", "$.odd"),
        ({"stream": 7}, "parameter_invalid", "$.stream"),
    ],
)
def test_it_refuses_what_cannot_be_exported(
    client: Client, sealed: Place, fields: dict[str, Any], code: str, path: str
) -> None:
    before = rows_of("acme")
    check(ask(client, sealed, **fields), 422, code, path)
    assert rows_of("acme") == before


def test_a_stream_without_checkpoint_has_nothing_to_export(client: Client, acme: Place) -> None:
    before = rows_of("acme")
    check(ask(client, acme, 0, 0), 422, "range_invalid")
    assert rows_of("acme") == before


def test_bundles_and_jobs_of_others_are_not_there(client: Client, sealed: Place, other: Place) -> None:
    bundle = made(client, sealed)
    unknown = uuid.uuid4()
    for address, missing in (
        (bundle["links"]["bundle"], f"{ADDRESS}{unknown}/"),
        (bundle["links"]["download"], f"{ADDRESS}{unknown}/download/"),
        (bundle["job"]["links"]["job"], f"/api/v1/jobs/{unknown}/"),
    ):
        hidden, absent = (client.get(one, headers=other.bearer) for one in (address, missing))
        check(hidden, 404, "not_found")
        assert hidden.json() | {"request_id": ""} == absent.json() | {"request_id": ""}
    assert client.get(ADDRESS, headers=other.bearer).json()["items"] == []


def test_who_may_not_export_may_not_fetch_either(client: Client, sealed: Place) -> None:
    bundle = made(client, sealed)
    check(client.get(bundle["links"]["download"], headers=key_with(sealed, Scope.APPEND)), 403, "scope_missing")
    viewer = signed_in(person("v@acme.test", Role.TENANT_VIEWER, sealed.tenant))
    check(viewer.get(bundle["links"]["download"]), 403, "role_missing")


def test_lists_are_newest_first_and_go_on(client: Client, sealed: Place) -> None:
    ids = [ask(client, sealed).json()["id"] for _ in range(3)]
    first = client.get(f"{ADDRESS}?limit=2", headers=sealed.bearer).json()
    rest = client.get(first["next"], headers=sealed.bearer).json()
    assert [row["id"] for row in first["items"] + rest["items"]] == ids[::-1]
    check(client.get(f"{ADDRESS}?after=x", headers=sealed.bearer), 422, "parameter_invalid", "?after")


def test_a_period_by_recorded_time_is_asked_for_instead_of_a_range(client: Client, sealed: Place) -> None:
    body = {"namespace": sealed.stream.namespace, "stream": "decisions", "recorded_from": "2020-01-01T00:00:00+01:00"}
    answer = client.post(ADDRESS, json.dumps(body), "application/json", headers=sealed.bearer)
    assert answer.status_code == 202
    asked = answer.json()
    assert (asked["from"], asked["to"]) == (0, 7)
    assert asked["period"] == {"recorded_from": "2019-12-31T23:00:00.000000Z", "recorded_to": None}
    run_export(uuid.UUID(asked["job"]["id"]))
    found = client.get(asked["links"]["bundle"], headers=sealed.bearer).json()
    assert (found["outcome"], found["period"]) == ("verified", asked["period"])


@pytest.mark.parametrize(
    ("more", "path", "status"),
    [
        ({"recorded_from": "2026-03-01T00:00:00Z", "from": 0}, "$.from", 422),
        ({"recorded_from": "2026-03-01T00:00:00"}, "$.recorded_from", 422),
        ({"recorded_to": "yesterday"}, "$.recorded_to", 422),
        ({"recorded_from": "2026-03-01T00:00:00Z", "recorded_to": "2026-03-01T00:00:00Z"}, "$.recorded_to", 422),
        ({"recorded_to": "2020-01-01T00:00:00Z"}, "$", 422),
    ],
)
def test_a_period_that_cannot_be_is_refused_with_its_path(
    client: Client, sealed: Place, more: dict[str, Any], path: str, status: int
) -> None:
    body = {"namespace": sealed.stream.namespace, "stream": "decisions", **more}
    answer = client.post(ADDRESS, json.dumps(body), "application/json", headers=sealed.bearer)
    assert (answer.status_code, answer.json().get("path")) == (status, path)
