"""The OpenAPI document holds what it says: schemathesis generates requests, valid and invalid, for each
operation.

Four things a JSON Schema cannot say are left out by name: that a body of lines is valid, that evidence can
be read, that a range goes upwards, and that no number within a JSON value is one that a double loses. The API's own
tests cover them.
"""

from __future__ import annotations

import json
from typing import Any

import hypothesis
import jsonschema_rs
import pytest
import schemathesis
from django.test import Client
from schemathesis.specs.openapi.checks import positive_data_acceptance

from console.api.docs import document
from console.api.problems import PROBLEMS
from console.wsgi import application
from tests.api.test_proofs import fill, seal
from tests.support.world import Place

NDJSON = "application/x-ndjson"
BEYOND_A_SCHEMA = ("/verify/", "/bundles/", "/consistency/")
EXAMPLES = 20
LOSSLESS, WITH_EXPONENT = 2**53 - 1, 10**21


@schemathesis.serializer(NDJSON)
def _as_lines(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def _bounded() -> Any:
    """The document, with bounds on how much is tried; the same requests each time."""
    made = schemathesis.openapi.from_dict(json.loads(document()))
    made.app = application
    made.config.generation.update(max_examples=EXAMPLES, deterministic=True, database="none")
    return made


schema = _bounded()


@pytest.fixture
def sealed(client: Client, acme: Place) -> Place:
    """A stream with events, a window and a checkpoint."""
    fill(client, acme, 0, 3)
    seal(client, acme)
    return acme


@schema.parametrize()  # type: ignore[untyped-decorator]  # made from the document
@hypothesis.settings(
    suppress_health_check=[*hypothesis.HealthCheck],  # one database serves all requests to an operation, as in life
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=EXAMPLES,
)
def test_every_operation_does_what_the_document_says(case: Any, sealed: Place) -> None:
    if case.media_type == NDJSON or _loses(case.body):
        hypothesis.reject()
    if "ns" in case.path_parameters:
        case.path_parameters |= _real(case, sealed)
    excluded = [positive_data_acceptance] if case.operation.path.endswith(BEYOND_A_SCHEMA) else []
    case.call_and_validate(headers=sealed.bearer, excluded_checks=excluded)


def _loses(value: Any) -> bool:
    """Whether a number in the body lies where doubles skip whole numbers, below those written with exponents."""
    if isinstance(value, dict | list):
        return any(map(_loses, value.values() if isinstance(value, dict) else value))
    return isinstance(value, int | float) and LOSSLESS < abs(value) < WITH_EXPONENT


def _real(case: Any, where: Place) -> dict[str, Any]:
    """Most requests aim at a stream that is there; those with an invalid name are left as they are."""
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return {}
    return {"ns": where.stream.namespace, "name": where.stream.name}


def test_the_document_is_openapi_3_1_and_names_every_problem(client: Client) -> None:
    served = json.loads(client.get("/api/schema/").content)
    assert served["openapi"].startswith("3.1")
    assert served == json.loads(document())
    assert set(served["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == set(PROBLEMS)
    for operations in served["paths"].values():
        for operation in operations.values():
            assert {"405", "500"} <= operation["responses"].keys(), operation["operationId"]


def test_every_reference_leads_somewhere() -> None:
    text = document().decode()
    named = json.loads(text)["components"]["schemas"]
    for reference in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert reference in named
    for shape in named.values():
        assert jsonschema_rs.meta.is_valid(shape)


def test_the_page_of_the_document_has_nothing_inline(client: Client) -> None:
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert b"<script>" not in page.content
    assert "'unsafe-inline'" not in page["Content-Security-Policy"]
    script = client.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert client.post("/api/docs/").json()["code"] == "method_not_allowed"
    assert client.post("/api/schema/").json()["code"] == "method_not_allowed"
