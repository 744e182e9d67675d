"""What the model decided as `ai.decision`, and where a human had said otherwise as `human.override`.

The human is the author of the file, who gave it its suffix: that is all the truth there is, and the event
says so. Both follow the profiles that ship with the product.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from console.demo.computation.files import KnownFile, features, held_out, label
from console.demo.computation.model import FORM, Model, train
from console.demo.sources.making import event_of
from ledger.core.canonical import canonical
from ledger.core.event import RawEvent
from ledger.core.types import JSON, JSONObject

DECISION, OVERRIDE = "ai.decision", "human.override"
SOURCE = "urn:countersign:demo:code-or-data"
REVIEW_BELOW = 7_000
RULE = f"The likelier outcome is taken. Below {REVIEW_BELOW:,} basis points a person has to look at it."
_POLICY: JSONObject = {
    "id": "demo:likelier-outcome",
    "version": "1",
    "digest": hashlib.sha256(RULE.encode()).hexdigest(),
}


@dataclass(frozen=True)
class Decision:
    """One held-out file, what the model said of it (`confidence` in basis points), what its author said."""

    file: KnownFile
    outcome: str
    confidence: int
    truth: str

    @property
    def wrong(self) -> bool:
        """Whether the author had said otherwise."""
        return self.outcome != self.truth


def decide(files: Sequence[KnownFile]) -> tuple[Model, list[Decision]]:
    """Learn from the files that are not held out and decide those that are; raises ValueError without any."""
    model = train((label(file), features(file)) for file in files if not held_out(file))
    return model, [Decision(file, *model.judge(features(file)), label(file)) for file in files if held_out(file)]


def decision_event(decision: Decision, model: str, time: str) -> RawEvent:
    """The `ai.decision` of the model with digest `model`, made at `time` (RFC 3339)."""
    seen: list[JSON] = list(features(decision.file))
    payload: JSONObject = {
        "model": _model(model),
        "policy": _POLICY,
        "actor": {"kind": "model", "id": "code-or-data"},
        "authority": {"basis": "demonstration", "reference": RULE},
        "subject": _pseudonym(decision.file),
        "outcome": decision.outcome,
        "confidence_bp": decision.confidence,
        "human_review": "required" if decision.confidence < REVIEW_BELOW else "none",
        "commitments": {
            "input": hashlib.sha256(canonical(seen)).hexdigest(),
            "file": decision.file.digest,
        },
    }
    return event_of(DECISION, SOURCE, payload, time=time, subject=_subject(decision.file))


def override_event(decision: Decision, made: RawEvent, index: int, model: str, time: str) -> RawEvent:
    """The `human.override` of a wrong decision, which was `made` and stands at `index` of the same stream."""
    suffix = PurePosixPath(decision.file.path).suffix or "no suffix"
    payload: JSONObject = {
        "decision": {"source": made.source, "id": made.id, "index": index},
        "model": _model(model),
        "policy": _POLICY,
        "actor": {"kind": "person", "id": f"author-of:pypi:{quote(decision.file.package)}"},
        "authority": {"basis": "Whoever writes a file gives it its name"},
        "subject": _pseudonym(decision.file),
        "before": decision.outcome,
        "after": decision.truth,
        "reason": f"The author named the file with {suffix}. Compared by the demo; nobody was asked again.",
        "commitments": {"file": decision.file.digest},
    }
    return event_of(OVERRIDE, SOURCE, payload, time=time, subject=_subject(decision.file))


def _model(digest: str) -> JSONObject:
    return {"name": "code-or-data", "version": FORM, "digest": digest, "provider": "countersign-demo"}


def _pseudonym(file: KnownFile) -> str:
    place = f"{file.package}\0{file.version}\0{file.path}".encode()
    return f"file:{hashlib.sha256(place).hexdigest()[:32]}"


def _subject(file: KnownFile) -> str:
    return f"pkg:pypi/{quote(file.package.lower())}@{quote(file.version)}#{quote(file.path)}"
