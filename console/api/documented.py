"""What an operation says of itself in the OpenAPI document: request, answers, and every problem by its
status.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from console.api.problems import MEDIA_TYPE, statuses_of

F = TypeVar("F", bound=Callable[..., Any])
Schema = Mapping[str, Any]

ALWAYS = ("host_unknown", "method_not_allowed", "rate_limited", "internal_error", "database_unavailable")
GUARDED = (
    "credentials_missing",
    "credentials_invalid",
    "second_factor_missing",
    "role_missing",
    "scope_missing",
)
_BROKEN = ("body_truncated", "request_malformed", "length_ambiguous", "length_required", "body_timeout", "busy")
UNSAFE = ("csrf_failed", "token_cannot_write", "tenant_suspended")
BODY = (*_BROKEN, "body_too_large", "type_unsupported", "encoding_unsupported", "json_invalid")
_CREDENTIALS: Any = [
    {"bearer": []},
    {"session": []},
]  # drf-spectacular takes names, and documents objects too
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def documented(  # noqa: PLR0913 - every part of an operation by its name
    operation_id: str,
    summary: str,
    *,
    answers: Mapping[int | tuple[int, str], Schema | None],
    request: Mapping[str, Schema] | None = None,
    parameters: Sequence[OpenApiParameter] = (),
    problems: Sequence[str] = (),
    public: bool = False,
    tag: str = "streams",
) -> Callable[[F], F]:
    """Describe an operation; `problems` are the codes that it may answer beside those that every one may."""
    codes = [*ALWAYS, *(() if public else GUARDED), *problems]
    table: dict[Any, Any] = {
        status: OpenApiResponse(response=dict(schema) if schema is not None else None, description="Done")
        for status, schema in answers.items()
    }
    for status, rows in statuses_of(codes).items():
        words = "; ".join(f"`{row.code}`: {row.title}" for row in rows)
        table[(status, MEDIA_TYPE)] = OpenApiResponse(response=_PROBLEM, description=words)
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        request=dict(request) if request is not None else None,
        responses=table,
        parameters=[*parameters],
        auth=[] if public else _CREDENTIALS,
    )


def in_path(name: str, pattern: str, description: str) -> OpenApiParameter:
    """A segment of the path that is text."""
    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return OpenApiParameter(name, schema, OpenApiParameter.PATH, required=True, description=description)


def number_in_path(name: str, description: str) -> OpenApiParameter:
    """A segment of the path that is a whole number."""
    schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
    return OpenApiParameter(name, schema, OpenApiParameter.PATH, required=True, description=description)


def number_in_query(
    name: str, description: str, *, required: bool = False, least: int = 0, most: int = 2**53 - 1
) -> OpenApiParameter:
    """A whole number after the question mark."""
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, required=required, description=description)


def text_in_query(name: str, schema: Schema, description: str) -> OpenApiParameter:
    """A text after the question mark."""
    return OpenApiParameter(name, {"type": "string", **schema}, OpenApiParameter.QUERY, description=description)


def words_in_query(name: str, most: int, description: str) -> OpenApiParameter:
    """A text of 1 to `most` characters without U+0000, as `parameters.short_text` takes it."""
    return text_in_query(name, {"minLength": 1, "maxLength": most, "pattern": "^[^\\u0000]+$"}, description)


NAMESPACE = in_path("ns", "_?[a-z0-9-]{1,63}", "The namespace of the stream.")
NAME = in_path("name", "[a-z0-9-]{1,63}", "The name of the stream.")
STREAM = (NAMESPACE, NAME)
INDEX = number_in_path("index", "The 0-based index of the leaf.")
IDENTIFIER = in_path("public_id", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "The id.")
LIMIT = number_in_query("limit", "Items in a page.", least=1, most=200)
