"""Mutants of governed change: quorum, policies, states, statements and what is read of them."""

from __future__ import annotations

_CORE = "governance/change/core/"
_TESTS = "tests/unit/change/"


def _rows(file: str, test: str, *changes: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    return [(_CORE + file, old, new, _TESTS + test) for old, new in changes]


def _signer(file: str, test: str, *changes: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    return [(f"governance/sign/{file}", old, new, f"tests/unit/sign/{test}") for old, new in changes]


ROWS = [
    *_rows(
        "quorum.py",
        "test_quorum.py",
        ("if word.revision != subject.revision:", "if word.revision > subject.revision + 9:"),
        ("if not approver.live:", "if not approver:"),
        ("if approver.person in subject.contributors:", "if not approver:"),
        ("if approver.person in subject.concerned:", "if not approver:"),
        ("Refused.BARRED if now < approver.barred_until else None", "None"),
        ("if key is None:\n        return Refused.KEY_UNKNOWN", "if key is None:\n        return None"),
        ("key.lives_at(word.index) and key.lives_at(index)", "key.lives_at(word.index)"),
        ("if not (key.lives_at(word.index) and key", "if not (key"),
        ("if word.at < key.active_from + rule.cool_down_s:", "if word.at < key.active_from:"),
        ("if other.person == word.person:", "if other.index == word.index:"),
        ("if _public(people, other) == _public(people, word):", "if other.kid == word.kid:"),
        ("if word.credential and other.credential == word.credential:", "if word.credential == other.kid:"),
        ("    if not approver.unit:\n        return Refused.UNIT_UNKNOWN\n", ""),
        ("if any(people[one].unit == approver.unit for one in counting)", "if approver.unit == ''"),
        ("        and beside(rule, one, spoke, people) is None\n", ""),
        ("(one.person, one.revision) == (word.person, word.revision)]", "one.revision == word.revision]"),
        ("counting = [one for one in counting if one not in taken]", "counting = list(counting)"),
        ("elif word.verb is Verb.APPROVE:", "elif word.verb is not Verb.REJECT:"),
        ("for word in sorted(words, key=lambda one: one.index):", "for word in words:"),
        ("max(word.at, people[word.person].counts_from(group, units_apart=rule.units_apart))", "word.at"),
        ("max(_since(rule, counting, people), subject.lost_at)", "_since(rule, counting, people)"),
        ("        if offline and None not in filled_slots(asked, able):", "        if offline:"),
        ("for group, at in groups.items() if at <= second", "for group, at in groups.items()"),
        ("complete = None not in matched and offline", "complete = None not in matched"),
        ("        if one.person not in used and may", "        if may"),
    ),
    *_rows(
        "matching.py",
        "test_quorum.py",
        ("if holder is None or _seat(holder, groups, people, holders, tried):", "if holder is None:"),
        ("if group not in people[person] or place in tried:", "if place in tried:"),
    ),
    *_rows(
        "people.py",
        "test_quorum.py",
        ("index < self.until)", "index <= self.until)"),
        ("self.since <= index and", "self.since < index + 2 and"),
    ),
    *_rows(
        "policy.py",
        "test_policy.py",
        ("return strictest(found)", "return found[0]"),
        ("lock_s=max(", "lock_s=min("),
        ("life_s=min(", "life_s=max("),
        ("tier=max(", "tier=min("),
        ("executor=max(", "executor=min("),
        ("cool_down_s=max(", "cool_down_s=min("),
        ("observation_s=min(", "observation_s=max("),
        ("offline_key=any(", "offline_key=all("),
        ("units_apart=any(", "units_apart=all("),
        ("if self.units_apart else {}", "if self.offline_key else {}"),
        ("counts[need.group] = max(", "counts[need.group] = min("),
        ("if not found:", "if found is None:"),
        ("and direction in self.directions", ""),
    ),
    *_rows(
        "satisfiable.py",
        "test_satisfiable.py",
        ("one.live and one.person != author", "one.person != author"),
        ("one.live and one.person != author and", "one.live and"),
        ("and _has_key(one, staff.index)]", "]"),
        ("others = staff.executors - {author}", "others = staff.executors"),
        ("[one for one in able if one.person != executor]", "able"),
        ("    if not rule.units_apart:\n        return {one.person", "    if rule.people:\n        return {one.person"),
        ("        if one.unit:\n", "        if one.person:\n"),
        ('return "" if "" in found else found[0]', "return found[0]"),
    ),
    *_rows(
        "states.py",
        "test_states.py",
        ("    if found is None:", "    if found is None and state not in TERMINAL:"),
        ("(State.TIMELOCKED, Step.EDIT): State.IN_REVIEW", "(State.TIMELOCKED, Step.EDIT): State.TIMELOCKED"),
        ("(State.HELD, Step.RELEASE): State.IN_REVIEW", "(State.HELD, Step.RELEASE): State.TIMELOCKED"),
        ("    Step.VETO: State.VETOED,\n", ""),
    ),
    *_rows(
        "statement.py",
        "test_statement.py",
        ("if len(raw) > MOST_BYTES:", "if len(raw) > 2 * MOST_BYTES:"),
        ("    _check_text(fields)\n", ""),
        ("    _check_digests(fields)\n", ""),
        ("        if isinstance(value, float):", "        if value == 0.25:"),
        ('unicodedata.is_normalized("NFC", value)', "value.isprintable()"),
        ("and not is_assigned(value)", "and value == '?'"),
        ("sorted(SCHEMA.keys() - FREE)", 'sorted(SCHEMA.keys() - FREE - {"policy"})'),
        ('frozenset({"client", "ledger", "nonce"})', 'frozenset({"client", "ledger", "nonce", "window"})'),
        ('[*differences(effect["base"], effect["result"])]', 'effect["diff"]'),
    ),
    *_rows(
        "diff.py",
        "test_statement.py",
        ('.replace("/", "~1")', ""),
        ("for name in sorted({*old, *new}):", "for name in sorted(new):"),
    ),
    *_rows(
        "rendering.py",
        "test_rendering.py",
        ("if name.replace", "if name or name.replace"),
        ("    return written_out(text)", "    return text"),
        ("is_hiding(told) or is_hiding(path))", "is_hiding(told))"),
        ("is_hiding(told) or is_hiding(path))", "shown(told) != told)"),
    ),
    *_rows(
        "characters.py",
        "test_characters.py",
        ('text.replace("<U+", "<U+003C>U+")', "text"),
        ("    return text.isascii() or ", "    return True or "),
        ("34f 600-605", "600-605"),
        ("2000-200f 2028-202f", "2000-200f 2028-2029"),
    ),
    *_rows(
        "possession.py",
        "test_possession.py",
        ("    if len(raw) > MOST_BYTES:", "    if len(raw) > 9 * MOST_BYTES:"),
        ("if other := difference_from(self.statement, wanted):", "if other := '':"),
        ("or len(envelope.signatures) != 1:", "or not envelope.signatures:"),
        ("if statement.verb not in {Verb.ENROL_KEY, Verb.ROTATE_KEY} or", "if"),
        ('    if kid != body["kid"]:', "    if not kid:"),
        ("    dsse.verified_payload(envelope, {kid: public}, statement.verb.payload_type)\n", ""),
        ("Verb.ENROL_KEY if self.replaces is None else Verb.ROTATE_KEY", "Verb.ENROL_KEY"),
    ),
    *_signer(
        "signing.py",
        "test_command_line.py::test_a_statement_for_something_else_is_not_signed",
        ('        ("person", key.person, fields["signer"]["person"]),\n', ""),
        ('        ("kid", kid, key.kid),\n', ""),
        ('"%Y-%m-%dT%H:%M:%SZ") > window["not_after"]', '"%Y-%m-%dT%H:%M:%SZ") > "9"'),
    ),
    *_signer(
        "signing.py",
        "test_command_line.py::test_an_altered_envelope_does_not_verify",
        ("if len(envelope.signatures) != 1 or ", "if "),
    ),
    *_signer(
        "reading.py",
        "test_command_line.py::test_a_portal_that_lies_gets_no_signature",
        ("if statement.verb.payload_type != payload_type:", "if not payload_type:"),
        ("if code and code != statement.code:", "if code == statement:"),
    ),
    *_signer(
        "reading.py",
        "test_command_line.py::test_where_much_rests_on_it_the_code_must_be_typed",
        ("return tier_of(statement) not in UNTYPED and", 'return tier_of(statement) == "critical" and'),
    ),
    *_signer(
        "keyfile.py",
        "test_key_files.py",
        ("    if bytes(private.verify_key) != key.public:", "    if not private:"),
        ("number(ITERATIONS, MOST_ITERATIONS)", "number(1, MOST_ITERATIONS)"),
        ('        ed25519.check_public(strict_base64.decode(str(fields["public"])))\n', ""),
    ),
]  # fmt: skip
