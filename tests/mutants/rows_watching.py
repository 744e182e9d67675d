"""Faults in the rules of watching that the named tests must catch.

A row: the file, a text that occurs in it exactly once, what stands there instead, the test.
"""

from __future__ import annotations

from typing import Final

_RULES = ("governance/watching/core/rules.py", "tests/unit/watching/test_rules.py")
_BUCKETS = ("governance/watching/core/buckets.py", "tests/unit/watching/test_rules.py")

_FAULTS: Final = (
    (_RULES, "now - found.since >= rule.patience else None", "now - found.since > rule.patience else None"),
    (_RULES, "mark.off if rule.counts_not_evaluated else mark.late", "mark.off"),
    (_RULES, "start is not None and now - start >= rule.patience}", "start is not None}"),
    (_RULES, "(before.late if before else None) or now if state in LATE", "now if state in LATE"),
    (_RULES, 'or now if state != "pass" else None', "or now"),
    (_BUCKETS, "past - past % self.seconds", "past"),
    (_BUCKETS, "return max(first, second, key", "return min(first, second, key"),
    (
        _BUCKETS,
        "return {**held, **{path: worst(held.get(path), state) for",
        "return {**{path: worst(held.get(path), state) for",
    ),
)

ROWS: Final = tuple((file, old, new, test) for (file, test), old, new in _FAULTS)
