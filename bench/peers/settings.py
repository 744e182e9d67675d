"""Settings of the peers' Django: nothing but what they need, on the database in BENCH_DATABASE_URL."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

_URL = urlsplit(os.environ["BENCH_DATABASE_URL"])
SECRET_KEY = "of no use to anybody"  # noqa: S105  protects nothing
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "pgtrigger",
    "pghistory",
    "auditlog",
    "bench.peers",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _URL.path.lstrip("/"),
        "USER": _URL.username,
        "PASSWORD": unquote(_URL.password or ""),
        "HOST": unquote(_URL.hostname or ""),
        "CONN_MAX_AGE": None,
    },
}
