"""The list of jobs over HTTP: of one's namespaces, narrowed as on the page."""

from __future__ import annotations

from django.test import Client

from governance.identity.core.roles import Role
from ledger.selectors.jobs import JobView
from ledger.services import jobs
from tests.api.test_bad_input import check
from tests.support.world import Place, person, signed_in

JOBS = "/api/v1/jobs/"


def made(kind: str, namespace: str = "acme", actor: str = "key:x") -> JobView:
    return jobs.create(kind, actor=actor, params={}, namespace=namespace, unit="leaves")


def ids(client: Client, where: Place, query: str = "") -> list[str]:
    return [one["id"] for one in client.get(f"{JOBS}{query}", headers=where.bearer).json()["items"]]


def test_jobs_are_listed_newest_first_and_go_on_behind_the_last(client: Client, acme: Place, other: Place) -> None:
    made("export", "other")
    wanted = [str(made(kind).public_id) for kind in ("export", "import", "verify")][::-1]
    first = client.get(f"{JOBS}?limit=2", headers=acme.bearer).json()
    rest = client.get(first["next"], headers=acme.bearer).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == wanted
    assert rest["next"] is None


def test_they_are_narrowed_by_kind_state_namespace_and_mine(client: Client, acme: Place) -> None:
    export, check_ = made("export"), made("verify", actor=acme.key.actor)
    jobs.cancel(export.public_id)
    for query, found in {
        "?kind=verify": [check_], "?state=cancelled": [export], "?mine=1": [check_],
        "?namespace=acme": [check_, export], "?kind=verify&state=cancelled": [],
    }.items():  # fmt: skip
        assert ids(client, acme, query) == [str(one.public_id) for one in found], query


def test_others_jobs_are_no_place_and_not_told_apart_from_none(client: Client, acme: Place, other: Place) -> None:
    foreign = made("export", "other")
    for after in (foreign.public_id, "0192f000-0000-7000-8000-000000000000"):
        check(client.get(f"{JOBS}?after={after}", headers=acme.bearer), 422, "parameter_invalid", "?after")
    check(client.get(f"{JOBS}?namespace=other", headers=acme.bearer), 404, "not_found")
    for name, value in (("kind", "x"), ("state", "x"), ("mine", "0"), ("limit", "0")):
        check(client.get(f"{JOBS}?{name}={value}", headers=acme.bearer), 422, "parameter_invalid", f"?{name}")


def test_methods_and_credentials(client: Client, acme: Place) -> None:
    check(client.post(JOBS, headers=acme.bearer), 405, "method_not_allowed")
    check(client.get(JOBS), 401, "credentials_missing")
    made("export")
    nobody = signed_in(person("new@acme.test", None, None))
    assert nobody.get(JOBS).json()["items"] == []
    viewer = signed_in(person("vic@acme.test", Role.TENANT_VIEWER, acme.tenant))
    assert len(viewer.get(JOBS).json()["items"]) == 1
