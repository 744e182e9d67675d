"""Ends sessions that were idle for 15 minutes or lived for 8 hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from governance.identity.factors import BEGAN, SEEN, begin_session, session_end
from governance.identity.models.session import Ended
from governance.identity.sessions import end_row, touch

TOUCH_EVERY_SECONDS = 60
ENDED = "session_ended"


class SessionLimits:
    """Stands after AuthenticationMiddleware; sets `request.session_ended` to `idle` or `absolute` when it
    acts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key is not None and request.user.is_authenticated:
            self._limit(request, timezone.now())
        return self.get_response(request)

    def _limit(self, request: HttpRequest, now: datetime) -> None:
        ended = session_end(request, now)
        if ended is not None:
            end_row(request.session, Ended(ended), now)
            logout(request)
            setattr(request, ENDED, ended)
        elif BEGAN not in request.session:
            begin_session(request, now)
        elif now.timestamp() - request.session[SEEN] > TOUCH_EVERY_SECONDS:
            request.session[SEEN] = now.timestamp()
            touch(request.session, now)
