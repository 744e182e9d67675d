"""The product's routes, and the peer's."""

from __future__ import annotations

import json

from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from bench.web.models import Plain


@csrf_exempt
def plain(request: HttpRequest) -> JsonResponse:
    """One ORM insert, committed before the answer; no credentials, no checks."""
    event = json.loads(request.body)
    row = Plain.objects.create(
        event_id=event["id"],
        type=event["type"],
        source=event["source"],
        subject=event["subject"],
        time=event["time"],
        payload=json.dumps(event["payload"]),
    )
    return JsonResponse({"id": row.pk}, status=201)


urlpatterns = [path("plain/", plain), path("", include("console.urls"))]
