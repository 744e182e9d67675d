"""Mutants of erasures, holds, gaps and terms."""

from __future__ import annotations

_V = "ledger/core/verify/"
_CORPUS = "tests/unit/core/verify/test_corpus.py"
_SEARCH = "tests/unit/core/test_gap_search.py"
_SPANS = "tests/unit/core/test_spans.py"
_TOLD = "tests/unit/core/verify/test_what_is_told.py"

ROWS = (
    ("ledger/core/spans.py", "if not end < start <= stop:", "if not start <= stop:", _SPANS),
    ("ledger/core/spans.py", "place <= given[at - 1][1]", "place < given[at - 1][1]", _SPANS),
    ("ledger/core/spans.py", "start <= found[-1][1] + 1:", "start <= found[-1][1]:", _SPANS),
    ("ledger/core/spans.py", "other[at][1] < start:", "other[at][1] <= start:", _SPANS),
    ("ledger/core/spans.py", "left = last + 1", "left = last", _SPANS),
    ("ledger/core/erasure.py", "if part in told.parts:", "if told.parts:", _CORPUS),
    ("ledger/core/erasure.py", "min(stop, leaf.index - 1)", "stop", _CORPUS),
    ("ledger/core/hold.py", "if told.released else", "if not told.case else", _CORPUS),
    ("ledger/core/hold.py", "held.get(told.case, [])", "[]", _CORPUS),
    ("ledger/core/gap.py", "if places != sorted(set(places)) or gap.count < 1:", "if gap.count < 1:", _CORPUS),
    ("ledger/core/gap.py", "- int(gap.start) + 1 != gap.count", "- int(gap.start) < 0", _CORPUS),
    ("ledger/core/gap.py", "gap.end < gap.start", "gap.end == gap.start", _CORPUS),
    ("ledger/core/control.py", 'leaf.kind == "terms" and leaf.index < size', "leaf.index < size - size", _TOLD),
    (_V + "holds.py", "if leaf.index < erasure.index]", "if leaf]", _CORPUS),
    (_V + "objects.py", "if holds_index(erased, index)]", "if index < 0]", _CORPUS),
    (_V + "gaps.py", "if not terms.notices_gaps:", "if terms.expected_every_s == 0:", _TOLD),
    ("ledger/core/gap_search.py", "if missed and not last.told:", "if missed:", _SEARCH),
    ("ledger/core/gap_search.py", "if not missed or last.told:", "if not missed:", _SEARCH),
    ("ledger/core/gap_search.py", "newest, part = {}, []", "part = []", _SEARCH),
    ("ledger/core/gap_search.py", "number > before[0] + 1:", "number > before[0]:", _SEARCH),
    ("ledger/core/gap_search.py", "number <= before[0]:", "number < 0:", _SEARCH),
    ("ledger/core/gap_search.py", "if lasted > every_s else 0", "if every_s else 0", _SEARCH),
)
