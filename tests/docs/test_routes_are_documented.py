"""Every route has a row in docs/api.md with its method, and every row a route."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from drf_spectacular.generators import SchemaGenerator

from tests.docs.documents import names_in, rows_of

_METHODS = {"get", "post", "put", "patch", "delete"}
_NOT_OURS = ("/admin/", "/static/")


def _operations() -> set[tuple[str, str]]:
    generator: Any = SchemaGenerator
    paths = generator().get_schema(request=None, public=True)["paths"]
    return {(method.upper(), path) for path, item in paths.items() for method in item if method in _METHODS}


def _documented_operations() -> set[tuple[str, str]]:
    rows = [(names_in(row[0]), names_in(row[1])) for row in rows_of("api.md") if len(row) > 1]
    pairs = {(method[0], path[0]) for method, path in rows if method and path}
    return {(method, path) for method, path in pairs if method.lower() in _METHODS}


def _paths(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern.pattern, RegexPattern):
            continue  # answers for what has no route
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern.url_patterns, path)
        else:
            yield path


def _doors() -> set[str]:
    every = set(_paths(get_resolver().url_patterns))
    return {path for path in every if not path.startswith(("/api/v1/", *_NOT_OURS))}


def test_every_operation_of_the_api_is_documented() -> None:
    assert sorted(_operations() - _documented_operations()) == []


def test_no_documented_operation_is_gone() -> None:
    documented = {(method, path) for method, path in _documented_operations() if path.startswith("/api/v1/")}
    assert sorted(documented - _operations()) == []


def test_every_other_door_is_documented() -> None:
    assert sorted(_doors() - {path for _, path in _documented_operations()}) == []


def test_no_other_documented_door_is_gone() -> None:
    others = {path for _, path in _documented_operations() if not path.startswith("/api/v1/")}
    assert sorted(others - _doors()) == []


def test_the_scan_finds_what_is_known_to_be_there() -> None:
    assert {"/health", "/ready", "/metrics"} <= _doors()
    assert ("POST", "/api/v1/verify/") in _operations()
