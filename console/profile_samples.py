"""An event for each profile that conforms to it, to begin with; a test holds them to that."""

from __future__ import annotations

import json

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_COMMON = {
    "policy": {"id": "underwriting", "version": "7"},
    "actor": {"kind": "service", "id": "scoring-01"},
    "authority": {"basis": "contract"},
}
_PAYLOADS: dict[str, dict[str, object]] = {
    "ai.decision": {
        **_COMMON,
        "model": {"name": "m", "version": "3"},
        "subject": "case-88",
        "outcome": "refer",
        "confidence": 0.71,
        "commitments": {"input": _DIGEST},
    },
    "human.override": {
        **_COMMON,
        "actor": {"kind": "person", "id": "clerk-17"},
        "decision": {"source": "urn:acme:scoring-service", "id": "dec-4711"},
        "subject": "case-88",
        "before": "refer",
        "after": "accept",
        "reason": "The missing document came in by post.",
        "commitments": {"evidence": _DIGEST},
    },
    "incident": {
        **_COMMON,
        "id": "inc-2026-11",
        "category": "availability",
        "severity": "low",
        "detected": "2026-11-21T09:16:58Z",
        "summary": "Scoring answered late for eleven minutes.",
        "commitments": {"log": _DIGEST},
    },
    "data.access": {
        **_COMMON,
        "operation": "read",
        "resource": "claims/2026",
        "purpose": "fraud review",
        "subject": "case-88",
        "commitments": {"query": _DIGEST},
    },
}


def sample(name: str) -> str:
    """An event of the profile's type in the plain form, as JSON to edit; raises KeyError."""
    return json.dumps({"type": name, "payload": _PAYLOADS[name]}, indent=2)
