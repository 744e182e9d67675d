"""Many Ed25519 signatures at once: libsodium lets other threads run while it signs, so a large bulk is shared out."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from nacl.bindings import crypto_sign

SHARED_FROM: Final = 256
"""Messages below which threads cost more than they save."""
_SIGNATURE: Final = 64
_THREADS: Final = max(1, min(4, os.cpu_count() or 1))
_pools: dict[int, ThreadPoolExecutor] = {}


def sign_all(secret: bytes, messages: list[bytes]) -> list[bytes]:
    """A signature for each message, in order; `secret` is the seed followed by the public key (RFC 8032)."""
    if len(messages) < SHARED_FROM or _THREADS == 1:
        return _signed(secret, messages)
    share = -(-len(messages) // _THREADS)
    shares = [messages[start : start + share] for start in range(0, len(messages), share)]
    parts = _pool().map(lambda one: _signed(secret, one), shares)
    return [signature for part in parts for signature in part]


def _signed(secret: bytes, messages: list[bytes]) -> list[bytes]:
    return [crypto_sign(message, secret)[:_SIGNATURE] for message in messages]


def _pool() -> ThreadPoolExecutor:
    """The threads of this process: a pool does not survive a fork."""
    number = os.getpid()
    found = _pools.get(number)
    return found or _pools.setdefault(number, ThreadPoolExecutor(_THREADS, thread_name_prefix="sign"))
