"""var/demo.json: what a script needs to use the demo. Readable by its owner alone, replaced as a whole."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TypedDict


class UserFacts(TypedDict):
    """One login. `tenant` is a slug, or empty where a person acts in several places; `key_file` is the path of an
    encrypted key file, whose passphrase is the password, or empty.
    """

    name: str
    email: str
    role: str
    tenant: str
    tenants: list[str]
    password: str
    totp_secret: str
    otpauth: str
    key_file: str


class KeyFacts(TypedDict):
    """A bearer token and the one namespace that it opens."""

    namespace: str
    name: str
    scopes: list[str]
    token: str


class StreamFacts(TypedDict):
    """A stream; `vkey` is the verifier key of its checkpoints (C2SP signed note)."""

    origin: str
    namespace: str
    name: str
    vkey: str
    genesis: str


class BundleFacts(TypedDict):
    """Paths of the files that are carried away, relative to the checkout where they lie below it."""

    stream: str
    good: str
    tampered: str
    policy: str
    trust: str
    verifier: str


class DemoFacts(TypedDict):
    """Everything; `policies` maps a stream `namespace/name` to its C2SP tlog-policy."""

    demo: bool
    url: str
    host: str
    users: list[UserFacts]
    keys: list[KeyFacts]
    streams: list[StreamFacts]
    policies: dict[str, str]
    bundles: BundleFacts


def read_facts(path: Path) -> DemoFacts | None:
    """The facts at `path`, or None when there are none that can be read."""
    try:
        found: DemoFacts = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found


def write_facts(path: Path, facts: DemoFacts) -> None:
    """Write beside and rename: a reader sees the old file or the new one. Mode 0600."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".demo-")
    with os.fdopen(handle, "w") as file:
        json.dump(facts, file, indent=1, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
