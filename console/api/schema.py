"""Finishes the OpenAPI document: named shapes and the two ways to sign a request."""

from __future__ import annotations

from typing import Any

from console.api.shapes import COMPONENTS
from console.api.shapes_change import CHANGE_COMPONENTS

_SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A system key (`cs_key_...`) or a personal token (`cs_pat_...`).",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-countersign",
        "description": "A browser session that gave its second factor; unsafe methods need X-CSRFToken.",
    },
}


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: ARG001, FBT001 - the hook's signature
    """Add what operations refer to, and that every body is needed; a hook of drf-spectacular."""
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update({**COMPONENTS, **CHANGE_COMPONENTS})
    components.setdefault("securitySchemes", {}).update(_SECURITY)
    return result
