"""Naive Bayes over named features, kept as whole numbers: the same training gives the same digest."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.core.canonical import canonical
from ledger.core.types import JSONObject

FORM = "naive-bayes/1"
BASIS_POINTS = 10_000


@dataclass(frozen=True)
class Model:
    """How many files of each outcome were seen, and in how many of them each feature."""

    files: dict[str, int]
    seen: dict[str, dict[str, int]]

    def as_json(self) -> JSONObject:
        """Everything that the model is; its digest is taken over the RFC 8785 bytes of this."""
        seen: JSONObject = {outcome: dict(counts) for outcome, counts in self.seen.items()}
        return {"form": FORM, "files": dict(self.files), "seen": seen}

    def digest(self) -> str:
        """SHA-256 in hex of the model's canonical bytes."""
        return hashlib.sha256(canonical(self.as_json())).hexdigest()

    def judge(self, features: Sequence[str]) -> tuple[str, int]:
        """The likelier outcome and its probability in basis points (0 to 10,000); ties go by name."""
        scores = {outcome: self._score(outcome, features) for outcome in sorted(self.files)}
        best = max(scores, key=lambda outcome: scores[outcome])
        rest = sum(math.exp(score - scores[best]) for score in scores.values())
        return best, round(BASIS_POINTS / rest)

    def _score(self, outcome: str, features: Sequence[str]) -> float:
        """Log of the joint probability, each count raised by one (Laplace) so that nothing is impossible."""
        total, counts = self.files[outcome], self.seen[outcome]
        prior = math.log(total / sum(self.files.values()))
        return prior + sum(math.log((counts.get(feature, 0) + 1) / (total + 2)) for feature in features)


def train(examples: Iterable[tuple[str, Sequence[str]]]) -> Model:
    """Count features by outcome; raises ValueError without a single example."""
    files: Counter[str] = Counter()
    seen: dict[str, Counter[str]] = {}
    for outcome, features in examples:
        files[outcome] += 1
        seen.setdefault(outcome, Counter()).update(features)
    if not files:
        message = "There is nothing to learn from."
        raise ValueError(message)
    return Model(dict(files), {outcome: dict(counts) for outcome, counts in seen.items()})
