"""Secrets that a checkout makes for itself once: var/secrets.json, readable by its owner alone."""

from __future__ import annotations

import base64
import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from console.supervisor.roles import Passwords


@dataclass(frozen=True)
class Secrets:
    """What the environment did not say. `seal_key` is base64 of 32 bytes."""

    django_secret_key: str
    seal_key: str
    public_name: str
    admin_password: str
    owner_password: str
    runtime_password: str

    @property
    def passwords(self) -> Passwords:
        """Those of the two database roles."""
        return Passwords(owner=self.owner_password, runtime=self.runtime_password)


def open_strongbox(path: Path) -> Secrets:
    """Read the secrets at `path`; make them first if there are none. Two processes agree on one result."""
    if not path.exists():
        _create(path, _fresh())
    return Secrets(**json.loads(path.read_text()))


def _fresh() -> Secrets:
    return Secrets(
        django_secret_key=secrets.token_urlsafe(48),
        seal_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        public_name=f"demo-{secrets.token_hex(3)}.localhost",
        admin_password=secrets.token_urlsafe(24),
        owner_password=secrets.token_urlsafe(24),
        runtime_password=secrets.token_urlsafe(24),
    )


def _create(path: Path, fresh: Secrets) -> None:
    """Write beside, then link into place: a reader never sees half a file, the first writer wins."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(fresh), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
