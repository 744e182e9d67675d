"""RFC 6962, section 2.1, written down once more as its recursive definitions: slow, short, and apart."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def split(count: int) -> int:
    half = 1
    while half * 2 < count:
        half *= 2
    return half


def naive_root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:half]) + naive_root(leaves[half:])).digest()


def naive_inclusion(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*naive_inclusion(index, leaves[:half]), naive_root(leaves[half:])]
    return [*naive_inclusion(index - half, leaves[half:]), naive_root(leaves[:half])]


def naive_consistency(old: int, leaves: Sequence[bytes], *, known: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if known else [naive_root(leaves)]
    half = split(len(leaves))
    if old <= half:
        return [*naive_consistency(old, leaves[:half], known=known), naive_root(leaves[half:])]
    return [*naive_consistency(old - half, leaves[half:], known=False), naive_root(leaves[:half])]


def naive_range(start: int, end: int, leaves: Sequence[bytes]) -> list[bytes]:
    if end <= 0 or start >= len(leaves):
        return [naive_root(leaves)]
    if start <= 0 and end >= len(leaves):
        return []
    half = split(len(leaves))
    return naive_range(start, end, leaves[:half]) + naive_range(start - half, end - half, leaves[half:])
