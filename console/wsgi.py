"""Django as a WSGI application; granian serves it behind the front (console/rsgi.py)."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
django.setup(set_prefix=False)

from console.handler import Handler  # noqa: E402 - after the settings are there

application = Handler()
