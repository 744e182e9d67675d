from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from console.middleware import FetchSite, RequestId, SecurityHeaders, SharedAnswers


def answer(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")


def test_it_echoes_a_sane_request_id() -> None:
    request = RequestFactory().get("/", HTTP_X_REQUEST_ID="req-1.A_b")
    assert RequestId(answer)(request).headers["X-Request-ID"] == "req-1.A_b"


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "a\nb", "<script>", "ünï"])
def test_it_replaces_an_id_that_could_hurt_a_log(given: str) -> None:
    request = RequestFactory().get("/", HTTP_X_REQUEST_ID=given)
    response = RequestId(answer)(request)
    assert str(uuid.UUID(response.headers["X-Request-ID"])) == response.headers["X-Request-ID"]
    assert request.META["HTTP_X_REQUEST_ID"] == response.headers["X-Request-ID"]


def test_it_adds_headers_and_leaves_a_views_own() -> None:
    def own(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Cross-Origin-Resource-Policy": "cross-origin"})

    assert SecurityHeaders(own)(HttpRequest()).headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    headers = SecurityHeaders(answer)(HttpRequest()).headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("caching", "kept"), [("public, max-age=9", False), ("private, max-age=9", True), ("no-store", True)]
)
def test_only_what_shared_caches_may_keep_loses_its_cookies(caching: str, *, kept: bool) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        response = HttpResponse(headers={"Cache-Control": caching, "Vary": "Accept-Encoding, Cookie"})
        response.set_cookie("session", "of somebody")
        return response

    response = SharedAnswers(view)(HttpRequest())
    assert bool(response.cookies) is kept
    assert response["Vary"] == ("Accept-Encoding, Cookie" if kept else "Accept-Encoding")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_it_refuses_unsafe_requests_from_another_site(site: str, method: str) -> None:
    request = RequestFactory().generic(method, "/", HTTP_SEC_FETCH_SITE=site)
    with pytest.raises(PermissionDenied):
        FetchSite(answer).process_view(request)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"HTTP_SEC_FETCH_SITE": "cross-site"}),
        ("POST", {"HTTP_SEC_FETCH_SITE": "same-origin"}),
        ("POST", {"HTTP_SEC_FETCH_SITE": "none"}),
        ("POST", {}),
        ("POST", {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_AUTHORIZATION": "Bearer t"}),
    ],
)
def test_it_lets_pass_what_carries_no_foreign_authority(method: str, headers: dict[str, str]) -> None:
    FetchSite(answer).process_view(RequestFactory().generic(method, "/", **headers))  # type: ignore[arg-type]  # the stub takes extra as bool
