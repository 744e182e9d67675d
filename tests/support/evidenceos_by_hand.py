"""A NullSpec contract and upstream's files by the reference alone: no line of the product takes part.

Rule: reference of EvidenceOS, sections 0 (canonical JSON), 1.2 (id, signatures), 1.4 (resolution hash), 1.5 (chances).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

CODEC = b"oracle-resolution/v1;codec=unsigned-big-endian;canonical=zero-high-bits;bucket-range=[0,num_symbols)"


@dataclass(frozen=True)
class ByHand:
    """What the author signs, the contract's id, the file of the store, and the registry's `.sig`."""

    payload: bytes
    id_hex: str
    whole: bytes
    detached: bytes

    def files(self, oracle_id: str) -> dict[str, bytes]:
        """Where its bytes belong in a data directory in production."""
        registered = f"nullspec-registry/nullspecs/{oracle_id}/{self.id_hex}"
        return {
            f"nullspec/{self.id_hex}.json": self.whole, f"{registered}.json": self.whole,
            f"{registered}.sig": self.detached,
        }  # fmt: skip


def written(value: Any) -> bytes:
    """Canonical JSON; Python's doubles are serde's from 1e-4 to below 1e16."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def chances(file: Path) -> list[float]:
    """Laplace-smoothed, each in the 15 digits that the daemon reads back."""
    rows = sorted((int(row["bucket"]), int(row["count"])) for row in csv.DictReader(file.open()))
    total = sum(count + 1 for _, count in rows)
    return [float(f"{(count + 1) / total:.15g}") for _, count in rows]


def resolution(symbols: int, calibration: bytes, epoch: int, ttl: int) -> bytes:
    """The hash of the fast lane's resolution, in the order of the struct."""
    told = {
        "num_symbols": symbols, "bit_width": (symbols - 1).bit_length(), "codec_hash": [*sha256(CODEC).digest()],
        "calibration_manifest_hash": [*calibration], "calibrated_at_epoch": epoch, "ttl_epochs": ttl,
        "delta_sigma": 0.0, "tie_breaker": "NearestEven", "locality_policy": {"hamming": {"max_bits": 1}},
    }  # fmt: skip
    return sha256(json.dumps(told, separators=(",", ":")).encode()).digest()


def contract(p0: Sequence[float], author: SigningKey, **told: Any) -> ByHand:
    """A Dirichlet contract with a weight of 1; `told` are the other members of the contract."""
    members = {
        "schema": "evidenceos.nullspec.v1", "kind": {"DiscreteBuckets": {"p0": [*p0]}},
        "eprocess": {"DirichletMultinomialMixture": {"alpha": [1.0] * len(p0)}},
        "nullspec_id": [0] * 32, "signature_ed25519": [], **told,
    }  # fmt: skip
    payload = written(members)
    key = sha256(payload)
    signed = {**members, "nullspec_id": [*key.digest()], "signature_ed25519": [*author.sign(payload).signature]}
    whole = written(signed)
    return ByHand(payload, key.hexdigest(), whole, author.sign(whole).signature.hex().encode())


def active_map(*rows: tuple[str, str, str]) -> bytes:
    """nullspec/active_map.json: oracle, holdout and id of each row."""
    told = [{"oracle_id": one, "holdout_handle": other, "nullspec_id_hex": key} for one, other, key in sorted(rows)]
    return json.dumps({"mappings": told}, separators=(",", ":")).encode()
