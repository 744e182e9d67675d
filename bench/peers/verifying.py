"""P6: a straightforward verifier of the same bundle that re-canonicalises every leaf with rfc8785.

It reads the same file and checks what is measured there: every leaf canonical, its index, chain and time; every
window's root; the root of the whole under the head; the log's signature on every checkpoint; every file's digest.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tarfile
import time
from typing import Any

import orjson
import rfc8785
from nacl.signing import VerifyKey


def verify(path: str, policy: str) -> float:
    """Seconds for the whole; raises AssertionError where something is wrong."""
    begun = time.perf_counter()
    with tarfile.open(path, "r:") as tar:
        files = {member.name: _read(tar, member) for member in tar.getmembers()}
    hashes, windows = _leaves(files["leaves.ndjson"])
    for window in windows:
        assert _root(hashes[window["from"] : window["to"] + 1]).hex() == window["root"]
    key = VerifyKey(base64.b64decode(policy.split("\n", 1)[0].split("+", 2)[2])[1:])
    roots = [_checkpoint(data, key) for name, data in files.items() if name.startswith("checkpoints/")]
    assert max(roots) == (len(hashes), _root(hashes))
    manifest = json.loads(base64.b64decode(json.loads(files["manifest.dsse.json"])["payload"]))
    for name, entry in manifest["files"].items():
        assert hashlib.sha256(files[name]).hexdigest() == (entry["sha256"] if isinstance(entry, dict) else entry)
    return time.perf_counter() - begun


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None
    return file.read()


def _leaves(data: bytes) -> tuple[list[bytes], list[dict[str, Any]]]:
    hashes, windows, prev, recorded = [], [], None, ""
    for index, line in enumerate(data.splitlines()):
        leaf = orjson.loads(line)
        assert rfc8785.dumps(leaf) == line
        assert leaf["index"] == index
        assert leaf["prev"] == prev
        assert leaf["recorded"] >= recorded
        digest = hashlib.sha256(b"\0" + line)
        hashes.append(digest.digest())
        prev, recorded = digest.hexdigest(), leaf["recorded"]
        if leaf["kind"] == "window":
            windows.append(leaf)
    return hashes, windows


def _root(level: list[bytes]) -> bytes:
    while len(level) > 1:
        above = [hashlib.sha256(b"\1" + one + two).digest() for one, two in zip(level[::2], level[1::2], strict=False)]
        level = above + level[-1:] if len(level) % 2 else above
    return level[0]


def _checkpoint(note: bytes, key: VerifyKey) -> tuple[int, bytes]:
    text, _, lines = note.decode().partition("\n\n")
    signature = base64.b64decode(lines.split("\n")[0].rsplit(" ", 1)[1])[4:]
    key.verify(f"{text}\n".encode(), signature)
    _, size, root = text.split("\n")[:3]
    return int(size), base64.b64decode(root)
