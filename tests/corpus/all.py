"""Every case of the corpus, and the corpus as a folder that a verifier in another language can run on.

`python -m tests.corpus.all FOLDER` writes for each case `<name>/input`, `<name>/policy`,
`<name>/trust.json` and `<name>/expected.json`, and an index `corpus.json`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ledger.core.canonical import canonical
from ledger.core.codes import CODES, Effect
from ledger.core.types import JSON, JSONObject
from tests.corpus import (
    attacks,
    bounds,
    classical,
    control,
    decisions,
    eras,
    erasures,
    gestures,
    heads,
    leaves,
    natives,
    parts,
    promises,
    proofs,
    silences,
    singles,
    timelocks,
    units,
    windows,
    witnesses,
)
from tests.corpus.cases import Case

MODULES = (
    attacks,
    classical,
    leaves,
    proofs,
    windows,
    promises,
    heads,
    control,
    silences,
    singles,
    erasures,
    eras,
    witnesses,
    decisions,
    parts,
    timelocks,
    bounds,
    gestures,
    natives,
    units,
)


def all_cases() -> list[Case]:
    """All cases in a fixed order; names are unique."""
    cases = [case for module in MODULES for case in module.CASES]
    cases += [case for module in MODULES for mutation in module.MUTATIONS for case in mutation.cases()]
    assert len({case.name for case in cases}) == len(cases)
    return sorted(cases, key=lambda case: case.name)


def outcome_for(codes: frozenset[str]) -> str:
    """The outcome that a set of problem codes means."""
    effects = {CODES[code].effect for code in codes}
    for effect, outcome in ((Effect.INPUT, "unusable"), (Effect.REJECTED, "rejected")):
        if effect in effects:
            return outcome
    return "incomplete" if effects else "verified"


def expectation(codes: frozenset[str]) -> JSONObject:
    listed: list[JSON] = [*sorted(codes)]
    return {"outcome": outcome_for(codes), "codes": listed}


def write_corpus(folder: Path) -> int:
    """Write the corpus, the same bytes each time but for hedged signatures (ML-DSA-44); returns the number of cases."""
    index: list[JSON] = []
    for case in all_cases():
        given = case.build()
        place = folder / case.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "input").write_bytes(given.data)
        (place / "policy").write_bytes(given.policy)
        (place / "trust.json").write_bytes(given.trust_bytes)
        notes: list[JSON] = [*sorted(case.notes)]
        row: JSONObject = {"name": case.name, "about": case.about, "kind": given.kind, "now": given.now}
        row |= {**expectation(case.codes), "notes": notes, "needs": case.needs or None}
        if case.needs:
            row["without"] = expectation(case.without)
        (place / "expected.json").write_bytes(canonical(row))
        index.append(row)
    (folder / "corpus.json").write_bytes(canonical({"v": "countersign-corpus/1", "cases": index}))
    return len(index)


if __name__ == "__main__":
    written = write_corpus(Path(sys.argv[1]))
    sys.stdout.write(f"{written} cases written to {sys.argv[1]}\n")
