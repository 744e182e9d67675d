"""The application that granian serves: Django's own WSGI application behind the front."""

from __future__ import annotations

from console.front.front import Front
from console.memory import settle
from console.wsgi import application as django

application = Front(django)
settle()
