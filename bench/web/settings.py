"""The product's settings with the peer's view added to its routes."""

from __future__ import annotations

from console.settings import *  # noqa: F403  (a settings module on top of another)
from console.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "bench.web.apps.PlainConfig"]
ROOT_URLCONF = "bench.web.urls"
