"""Payloads that signers must agree on: good statements, bent ones, and bytes that are nearly one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from governance.change.core.diff import differences
from governance.change.core.statement import digest_of
from governance.change.core.verbs import Verb
from ledger.core.canonical import canonical
from ledger.errors import LedgerError
from tests.support.signing import fields_for, key_of

NAMES = (
    "ttl_s", "a", "b", "10", "2", "01", "", "_", "a.b", "a b", "c[0]", "__proto__", "constructor", "toString",
    "hasOwnProperty", "valueOf", "é", "e\u0301", "\u202e", "<U+202E>", "😀", "\uffee", "~1", "/", "\u200b", "ﬃ",
    "\U0001fae8", "Z" * 70, "then",
)  # fmt: skip
TEXTS = (
    "", "x", "weather", "12", "null", "<b>", "<U+202E>", "\u202eevil", "zero\u200bwidth", "a\u00a0b", "line\nbreak",
    "tab\t", "\x00", "\x7f", "Grüße, 世界", "e\u0301", "é", "😀", "\U0001fae8", "\ufdd0", "\ufeff", "\u2028", "\u3164",
    "\ufe0f", "\u0378", "I\u0307", "\u1100\u1161", "가", "\u212b", "Å", "\u0344", "ﬁ", '"quoted"', "back\\slash",
    "a" * 300, "\ue000", "\U000e0041", "\u0430pple", "١٢", "\u0301", "\u0f77",
)  # fmt: skip
NUMBERS = (0, 1, -1, 7200, 2**31, 2**53 - 1, 1 - 2**53, True, False, None)
FRACTIONS = (0.5, -0.25, 1e21, 1e-7, 1.5e300, 5e-324)
SPICE = (
    b'"', b"\\", b"\\ud800", b"\\u0041", b"\\/", b" ", b"\n", b"\0", b",", b":", b"{", b"}", b"[", b"]", b"-0",
    b"1.0", b"1e3", b"1e21", b"9007199254740993", b"9007199254740991", b"null", b"true", b"NaN", b"\xff",
    b"\xc3\xa9", b"e\xcc\x81", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"__proto__":{},',
    b'"v":"countersign-statement/1",', b"\xe2\x80\xae", b"\xf0\x9f\xab\xa8", b"\xf0\x9f\x98\x80", b'"extra":1,',
    b"\x7f",
)  # fmt: skip
PLACES = (
    ("v",), ("verb",), ("tenant",), ("nonce",), ("change", "id"), ("change", "revision"), ("change", "reason"),
    ("change", "reverts"), ("change", "type"), ("change", "contributors"), ("effect", "direction"),
    ("effect", "invalidates"), ("effect", "way_back"), ("effect", "base_state"), ("effect", "diff"),
    ("policy", "rule"), ("policy", "digest"), ("ledger", "size"), ("window", "not_after"), ("signer", "person"),
    ("signer", "groups"), ("client", "kind"),
)  # fmt: skip
_KEY = key_of()


def payloads(count: int, seed: str) -> Iterator[bytes]:
    """`count` payloads, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - the same payloads on every run
    makers = (_good, _good, _good, _bent, _bent, _mutated, _mutated, _oversized)
    made = 0
    while made < count:
        maker = makers[made % len(makers)]
        try:
            data = maker(chance)
        except LedgerError:
            continue
        made += 1
        yield data


def _good(chance: random.Random) -> bytes:
    """Holds together; refused only for characters or fractions in it."""
    return canonical(_fields(chance))


def _fields(chance: random.Random) -> dict[str, Any]:
    plain = chance.random() < 0.5
    made = fields_for(_KEY, chance.choice(list(Verb)))
    base, result, body = (_object(chance, chance.randint(0, 3), plain=plain) for _ in range(3))
    if chance.random() < 0.5:
        result = {**base, **_object(chance, 1, plain=plain)}
    made["change"] |= {"body": body, "body_digest": digest_of(body), "reason": _text(chance, plain=plain) or "x"}
    made["effect"] |= {"base": base, "result": result, "base_state": digest_of(base), "result_state": digest_of(result)}
    made["effect"] |= {"diff": differences(base, result), "way_back": _object(chance, 2, plain=plain)}
    made["policy"]["rule"] = {**made["policy"]["rule"], **_object(chance, 1, plain=plain)}
    if chance.random() < 0.2:
        made["policy"]["rule"] = chance.choice(({}, {"tier": chance.choice((*TEXTS, "low", "high"))}))
    return made


def _object(chance: random.Random, depth: int, *, plain: bool) -> dict[str, Any]:
    names = [name for name in NAMES if not plain or name.isascii()]
    return {chance.choice(names): _value(chance, depth, plain=plain) for _ in range(chance.randint(0, 4))}


def _value(chance: random.Random, depth: int, *, plain: bool) -> Any:
    kind = chance.randint(0, 6)
    if depth and kind == 0:
        return _object(chance, depth - 1, plain=plain)
    if depth and kind == 1:
        return [_value(chance, depth - 1, plain=plain) for _ in range(chance.randint(0, 3))]
    if kind < 4:
        return _text(chance, plain=plain)
    return chance.choice(NUMBERS if plain or chance.random() < 0.9 else FRACTIONS)


def _text(chance: random.Random, *, plain: bool) -> str:
    texts = [text for text in TEXTS if not plain or text.isascii()]
    return "".join(chance.choice(texts) for _ in range(chance.randint(0, 2)))


def _bent(chance: random.Random) -> bytes:
    """One field set to something else, or left out, or added."""
    made = _fields(chance)
    *ways, last = chance.choice(PLACES)
    place = made
    for way in ways:
        place = place[way]
    action = chance.randint(0, 3)
    if action == 0:
        del place[last]
    elif action == 1:
        place[chance.choice(NAMES)] = _value(chance, 1, plain=True)
    else:
        place[last] = _value(chance, 2, plain=False)
    return canonical(made)


def _mutated(chance: random.Random) -> bytes:
    """A good one with one to three small changes of its bytes."""
    data = _good(chance)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data) + 1)
        until = min(len(data), at + chance.choice((0, 0, 1, 1, 2, 9)))
        taken = data[chance.randrange(len(data)) :][: chance.randint(1, 12)]
        put = chance.choice((b"", chance.choice(SPICE), bytes([chance.randrange(256)]), taken))
        data = data[:at] + put + data[until:]
    return data


def _oversized(chance: random.Random) -> bytes:
    """Around the limits: 64 KiB, 64 levels, long reasons."""
    made = _fields(chance)
    if chance.random() < 0.5:
        depth = chance.randint(57, 64)
        made["effect"]["way_back"] = {"a": _deep(depth)}
        return canonical(made)
    target = 65_536 + chance.choice((-1, 0, 1, 2))
    made["effect"]["way_back"] = {"a": ""}
    made["effect"]["way_back"]["a"] = "x" * (target - len(canonical(made)))
    return canonical(made)


def _deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value
