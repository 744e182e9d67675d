"""Settings of the tests and of static analysis: the product's own, told that they are under test.

The address given here leads nowhere on purpose: whoever needs a database asks for a clone (conftest.py).
DATABASE_URL, where it is set, names the server in which clones are made.
"""

from __future__ import annotations

import os

os.environ.setdefault("COUNTERSIGN_TEST_SERVER", os.environ.pop("DATABASE_URL", ""))
os.environ["COUNTERSIGN_ENV"] = "test"
os.environ["DATABASE_URL"] = "postgresql://countersign_runtime@%2Fnonexistent/ask-for-a-clone"
os.environ["DATABASE_OWNER_URL"] = "postgresql://countersign_owner@%2Fnonexistent/ask-for-a-clone"
for _name in ("DJANGO_SECRET_KEY", "COUNTERSIGN_SEAL_KEY", "COUNTERSIGN_PUBLIC_NAME", "COUNTERSIGN_DB_POOL",
              "COUNTERSIGN_HEAD_GUARD"):  # fmt: skip
    os.environ.pop(_name, None)

from console.settings import *  # noqa: E402, F403  (reads the environment that was just made)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a test of sign-in is no test of scrypt
CELERY_BROKER_URL = "memory://"
