"""Mutants of the judge of decisions, which a reader runs offline."""

from __future__ import annotations

_JUDGE = "governance/change/core/judging.py"
_BOUNDS = "governance/change/core/bounds.py"
_LIMITS = "governance/change/core/limits.py"
_BOUNDED = "tests/unit/change/test_judging_bounds.py"
_KNOWN = "governance/change/core/known.py"
_REPLAY = "governance/change/core/replay.py"
_DOOR = "ledger/core/verify/governance.py"
_TIMELOCK = "governance/change/core/timelock.py"
_NAMING = "governance/change/core/naming.py"
_TIMES = "ledger/core/verify/independent.py"
_DECIDED = "ledger/core/verify/decided.py"
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
            ("elif code != UNTIMED or rule.tier >= Tier.HIGH:", "elif code != UNTIMED:"),
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
    (_BOUNDS, 'if stands and payload["type"] != "thaw":', "if False:", _TEST),
    *(
        (file, old, new, _BOUNDED)
        for file, old, new in (
            (_LIMITS, "if adds != 0 and (None in {*used, adds} or total > cap.amount):", "if False:"),
            (_LIMITS, " and at > now - cap.window_s\n", " and at > now\n"),
            (_BOUNDS, " if change != takes_back]", "]"),
            (_LIMITS, "0|[1-9][0-9]{0,19}", "[0-9]{1,20}"),
            (_LIMITS, "value if type(value) is int else None", "int(value) if isinstance(value, int) else None"),
            (_BOUNDS, "return frozenset({found}) if found is not None", "return frozenset() if found is not None"),
            (_BOUNDS, 'return str(body["type"]), cast("JSONObject", body["body"])', "return kind, body"),
            (_BOUNDS, 'return body["tenant"] if home else None', "return None"),
            (_JUDGE, "        if kind == LAPSED:\n            self._frozen(index, payload)\n", ""),
            (_JUDGE, 'self._caps(index, rule, payload, takes_back=str(payload["reverts"]))', "pass"),
            (_JUDGE, 'if not (kids if body["use"] == "native" else', "if not (kids if True else"),
            (
                _JUDGE,
                'kids = {str(_of(one, "signer")["key"]) for one in said if same_text(one, statement)}',
                'kids = {str(_of(one, "signer")["key"]) for one in said}',
            ),
            (_JUDGE, "        return replace(rule, units_apart=False)", "        return rule"),
            (_JUDGE, "(payload is None and said.type in UNIT_TOLD)", "False"),
            (_KNOWN, 'if self.units.get(person, ("", 0))[0] != told:', "if True:"),
            (_JUDGE, ', self.passkeys.get(at, "")))', "))"),
            (_KNOWN, "held = [group for group in named if self.homes.get(group) in where]", "held = list(named)"),
            (_KNOWN, "any(not tenants or place in {None, *tenants} for _, place in held)", "bool(held)"),
        )
    ),
    (_JUDGE, "if not self._holds(signer_of(statement), _STOP, index):", "if False:", _TEST),
    (_REPLAY, "if canonical(told) != canonical(signed):", "if False:", _TEST),
    (_REPLAY, "        if len(good) < wanted:", "        if len(good) < 0:", _TEST),
    (_DOOR, "if wanted is not None and case.origin != wanted:", "if False:", _CORPUS),
    (_DOOR, "leaves.first != 0 or", "", _CORPUS),
    (_KNOWN, "(known if said.type == PERSON_CREATED else founded)", "known", _CORPUS),
    (_KNOWN, "(known if said.type == PERSON_CREATED else founded)", "founded", _CORPUS),
    (_KNOWN, 'known = person in self.units or f"{person}/roles" in self.documents', "known = False", _CORPUS),
    *(
        (_JUDGE, old, new, _CORPUS)
        for old, new in (
            ("if self.around.partial and change not in self.states and said.type != DRAFTED:", "if False:"),
            ("self.hidden + 1, said.index, True", "self.hidden + 1, said.index, False"),
            ("        self._keep_units(said.at)\n", ""),
            (
                'gap = one.code == "replay_payload_missing", self.around.partial and',
                'gap = one.code == "replay_payload_missing", False and',
            ),
            ("second <= since and at < index), default", "second < since and at < index), default"),
            ("wrong = {one.index for one in self.objections if one.code != UNTIMED}", "wrong: set[int] = set()"),
        )
    ),
    (_REPLAY, 'not _is_one_of(payload["after"], steps):', "False:", _CORPUS),
    *(
        (_TIMELOCK, old, new, _CORPUS)
        for old, new in (
            ("if one.size > stood.last]", "if one.size]"),
            ("self.since - self.by >= lock_s", "self.since - self.by >= lock_s - 1"),
            ("early = [by for by in executed if", "early = [by for by in executed if False and"),
        )
    ),
    *(
        (_NAMING, old, new, _CORPUS)
        for old, new in (
            ("    if named.log != origin:\n", "    if False:\n"),
            ("    if index in refused:\n", "    if False:\n"),
            ("if kind not in WRITES.get(named.kind, frozenset()):", "if False:"),
            ('return "" if told == (body["from"]', 'return "" if True or told == (body["from"]'),
        )
    ),
    *(
        (_TIMES, old, new, _CORPUS)
        for old, new in (
            ("time <= t}))", "time == times[0]}) or True)"),
            ("t in reversed(times)", "t in times"),
            ("or trust.checkpoint.origin != origin:", "or False:"),
            ("policy.quorum is None or not trust.quorum_met or", "policy.quorum is None or"),
        )
    ),
    *(
        (_DECIDED, old, new, _CORPUS)
        for old, new in (
            ("named=named, partial=True", "named=named, partial=False"),
            ("is_known(name) or name.startswith(DECISIONS)]", "is_known(name)]"),
            ("for one in verdict.of_named if verdict is not None else ():", "for one in ():"),
            ("    for one in named:\n", "    for one in ():\n"),
            ("    for row in report.problems:\n", "    for row in ():\n"),
        )
    ),
]
