"""P6: the offline verifier on a bundle, without Django: seconds for each group of its steps, and bare signatures."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from ledger.core import ed25519
from ledger.core.trust import Reader, ReaderTrust
from ledger.core.types import Hash
from ledger.core.verify import verify_bundle
from ledger.core.witness_policy import parse_policy
from ledger.verify_processes import in_processes

_SIGNED = 2_000


def verify(path: str, policy: str, genesis: str) -> dict[str, float]:
    """Seconds of `all` steps and of the step `receipts`; the bundle verifies."""
    reader = Reader(parse_policy(policy), ReaderTrust(genesis=Hash(bytes.fromhex(genesis))), int(time.time()))
    marks: list[tuple[str, float]] = []

    def tick(step: str) -> None:
        marks.append((step, time.perf_counter()))

    begun = time.perf_counter()
    with Path(path).open("rb") as source, tempfile.TemporaryFile() as scratch:
        report = verify_bundle(source, scratch, reader, None, tick, in_processes)
    ended = time.perf_counter()
    assert report.outcome == "verified", report.to_json()
    return {"all": ended - begun, "receipts": _of("receipts", [*marks, ("end", ended)])}


def at_once(cores: int, count: int) -> float:
    """Ed25519 verifications a second of a process for each core, all at once; the slowest ends the clock."""
    begun = time.perf_counter()
    children = [_begun(count) for _ in range(cores)]
    for pid in children:
        assert os.waitpid(pid, 0)[1] == 0
    return cores * count / (time.perf_counter() - begun)


def _begun(count: int) -> int:
    pid = os.fork()
    if not pid:
        try:
            signatures(count)
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def signatures(count: int = _SIGNED) -> float:
    """Ed25519 verifications a second in this process."""
    from nacl.signing import SigningKey  # noqa: PLC0415  (the verifier itself does without)

    key = SigningKey(bytes(range(32)))
    message = bytes(700)
    signature, public = key.sign(message).signature, bytes(key.verify_key)
    begun = time.perf_counter()
    for _ in range(count):
        assert ed25519.verify(public, message, signature)
    return count / (time.perf_counter() - begun)


def _of(step: str, marks: list[tuple[str, float]]) -> float:
    place = next(place for place, (name, _) in enumerate(marks) if name == step)
    return marks[place + 1][1] - marks[place][1]
