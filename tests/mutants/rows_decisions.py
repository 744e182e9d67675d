"""Mutants of the judge of decisions, which a reader runs offline."""

from __future__ import annotations

_JUDGE = "governance/change/core/judging.py"
_KNOWN = "governance/change/core/known.py"
_REPLAY = "governance/change/core/replay.py"
_DOOR = "ledger/core/verify/governance.py"
_TEST = "tests/unit/change/test_judging.py"
_CORPUS = "tests/unit/core/verify/test_corpus.py"

ROWS = [
    *(
        (_JUDGE, old, new, _TEST)
        for old, new in (
            ("if not found.met:", "if False:"),
            ("contributors=frozenset(signed | self.writers", "contributors=frozenset(signed & self.writers"),
            ("contributors=frozenset(signed | self.writers.get(change, set())),", "contributors=frozenset(),"),
            ('revision == payload["revision"] and not same_text(said, statement)', "False"),
            ('(not self._holds(person, able, index, tenant), "does', '(False, "does'),
            ("and person in found.approvers, ", "and False, "),
            ("if ends and now > ends + SLACK_S:", "if False:"),
            ("if waited + SLACK_S < rule.lock_s:", "if False:"),
            ("elif rule.tier >= Tier.HIGH:", "elif False:"),
            ('if payload["policy"] != policy_of(self.documents.get("policy")).digest:', "if False:"),
            ("        if rule is None:\n", "        if False:\n"),
            ("if kind == CONTAINED and rule is not None and", "if False and rule is not None and"),
            ('if signed is None or canonical(_of(signed, "effect")["way_back"])', 'if canonical(payload["body"])'),
            ("!= (self.origin, self.genesis_digest):", "!= (told['origin'], told['genesis']):"),
            ("elif code == _INVALID and self.blind and not certain:", "elif False:"),
            ("        self._retell()\n", ""),
        )
    ),
    (_KNOWN, "live, began = person not in self.gone,", "live, began = True,", _TEST),
    (_KNOWN, "if kid not in live and key.until is None:", "if False:", _TEST),
    (_JUDGE, 'if stands and payload["type"] != "thaw":', "if False:", _TEST),
    (_JUDGE, "if not self._holds(_signer(statement), _STOP, index):", "if False:", _TEST),
    (_REPLAY, "if canonical(told) != canonical(signed):", "if False:", _TEST),
    (_DOOR, "if wanted is not None and case.origin != wanted:", "if False:", _CORPUS),
    (_DOOR, "leaves.first != 0 or", "", _CORPUS),
]
