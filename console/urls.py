"""Every door, in one table."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.urls import include, path

from console import operators_admin

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

_PARTS = (
    ("", "console.health_urls"),
    ("api/", "console.api.urls"),
    ("log/", "console.api.log.urls"),
    ("", "console.views.urls"),
)


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", operators_admin.site.urls),
    *(path(prefix, include(module)) for prefix, module in _PARTS if _exists(module)),
]

handler400 = "console.handlers.malformed"
handler403 = "console.handlers.forbidden"
handler404 = "console.handlers.not_found"
handler500 = "console.handlers.failed"
