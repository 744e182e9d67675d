"""Mutants of what came beside words: gestures of passkeys, native signatures; and of caps and rotations."""

from __future__ import annotations

_BESIDE = "governance/change/core/judging_beside.py"
_GESTURES = "governance/change/core/gestures.py"
_HEARD = "governance/change/core/native_heard.py"
_NATIVE = "governance/change/core/native.py"
_REPLAY = "governance/change/core/replay.py"
_JUDGE = "governance/change/core/judging.py"
_LIMITS = "governance/change/core/limits.py"
_BOUNDS = "governance/change/core/bounds.py"
_KNOWN = "governance/change/core/known.py"
_UNITS = "tests/unit/core/verify/test_corpus.py"
_TEST = "tests/unit/change/test_judging_beside.py"

ROWS = [
    (file, old, new, _TEST)
    for file, old, new in (
        (_BESIDE, 'if row["custody"] == Custody.PASSKEY.value:', "if False:"),
        (_BESIDE, "self.opened_by.setdefault(kid, gesture.credential) != gesture.credential or ", ""),
        (_BESIDE, " or holder != kid:", ":"),
        (_BESIDE, "if before is not None and before.party != gesture.party:", "if False:"),
        (_BESIDE, "if before is not None and not gesture.follows(before.count):", "if False:"),
        (_BESIDE, "                self._present(self.statements[index], payload)\n", "                pass\n"),
        (_GESTURES, "self.count > before or self.count == before == 0", "self.count >= before"),
        (_GESTURES, "self.count == before == 0", "self.count == 0"),
        (_GESTURES, "self.count > before or self.count == before == 0", "self.count > before"),
        (_GESTURES, 'client.get("type") != "webauthn.get"', "False"),
        (_GESTURES, 'client.get("challenge") != challenge_of(signed)', "False"),
        (_GESTURES, "data[:_PARTY_BYTES] != hashlib.sha256(host[1].encode()).digest()", "False"),
        (_GESTURES, "_PRESENT_AND_VERIFIED: Final = 0b101", "_PRESENT_AND_VERIFIED: Final = 0b001"),
        (_GESTURES, 'told["sign_count"] != count', "False"),
        (_GESTURES, "(?::[0-9]{1,5})?", ""),
        (_GESTURES, "len(data) < _LEAST_BYTES or ", ""),
        (_HEARD, " or len(rows) != len(asked):", ":"),
        (_HEARD, "made.kind != listed.kind or not listed.names(fixed_form(made.kind, made.payload))", "False"),
        (_HEARD, "row.keys() != _MEMBERS", "False"),
        (_HEARD, "    check_made(made)\n", ""),
        (_NATIVE, "if not ed25519.verify(made.public, artefact.to_sign, made.signature):", "if False:"),
        (_NATIVE, "if (made.detached is not None) is not (made.kind == NULLSPEC):", "if False:"),
        (_NATIVE, "made.detached is not None and not ed25519.verify(made.public, whole, made.detached)", "False"),
        (_BESIDE, 'one["use"] == NATIVE and person', "person"),
        (_BESIDE, " and person not in self.gone]", "]"),
        (_BESIDE, "            if given is not None:\n", "            if False:\n"),
        (_BESIDE, "if signer_of(word) not in cast(", "if False and cast("),
        (_BESIDE, "        self._native_key(signer_of(word), kid)\n", ""),
        (_BESIDE, 'canonical(told["body"]) != canonical(signed["body"])', "False"),
        (_BESIDE, "        if _asked(AUTHOR, statement):\n", "        if False:\n"),
        (_BESIDE, "        self._made(EXECUTOR, beside, statement)\n", ""),
        (_BESIDE, '"change:effect:executed", "change:effect:reverted"', '"change:effect:executed"'),
        (_REPLAY, ' and one["use"] == DECISION]', "]"),
        (_REPLAY, '(kind != SUBMITTED or "envelope" in payload)', "kind != SUBMITTED"),
        (_LIMITS, " or total > cap.amount):", "):"),
        (_LIMITS, "total > cap.amount", "total >= cap.amount"),
        (_LIMITS, "(None in {*used, adds} or total > cap.amount)", "total > cap.amount"),
        (_LIMITS, " and at > now - cap.window_s\n", "\n"),
        (_BOUNDS, " if change != takes_back]", " if change]"),
        (_JUDGE, 'kids if body["use"] == "native" else', 'kids if body["use"] == "native" else True or'),
        (_JUDGE, ' else kids & {str(body["replaces"])})', " else kids)"),
        (_JUDGE, "for one in said if same_text(one, statement)}", "for one in said if one}"),
        (_KNOWN, "if kid not in live and key.until is None:", "if kid not in live and key.until:"),
    )
] + [(_JUDGE, "self.objections.append(Objection(_UNPROVEN, index, words))", "pass", _UNITS)]  # fmt: skip
