"""The routes of logs. What is not here is a problem, never a page and never a redirect."""

from __future__ import annotations

from django.urls import path, re_path

from console.api import converters as names
from console.api.log import converters
from console.api.log.resources import ShowCheckpoint, ShowEntries, ShowTile, UnknownResource

names.register()
converters.register()

_LOG = "<ns:ns>/<ns:name>/"

app_name = "log"
urlpatterns = [
    path(f"{_LOG}checkpoint", ShowCheckpoint.as_view(), name="checkpoint"),
    path(f"{_LOG}tile/entries/<entries:bundle>", ShowEntries.as_view(), name="entries"),
    path(f"{_LOG}tile/<tile:tile>", ShowTile.as_view(), name="tile"),
    # `.` leaves out the bare prefix: were it an address, `/log` would be redirected to it.
    re_path(".", UnknownResource.as_view(), name="unknown"),
]
