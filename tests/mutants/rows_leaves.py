"""Faults in leaves, events, receipts, windows and the control chain that the named test must catch.

A row: the file, a text that occurs in it exactly once, what stands there instead, the test.
"""

from __future__ import annotations

from typing import Final

_ENVELOPE = ("ledger/core/envelope.py", "tests/unit/core/test_envelope.py")
_USUAL = ("ledger/core/event_leaf.py", "tests/unit/core/test_event_leaf.py")
_FIELDS = ("ledger/core/fields.py", "tests/unit/core/test_envelope.py")
_SCHEMAS = ("ledger/core/schemas.py", "tests/unit/core/test_envelope.py")
_TIMES = ("ledger/core/times.py", "tests/unit/core/test_envelope.py")
_CONTROL = ("ledger/core/control.py", "tests/unit/core/test_control.py")
_KEYS = ("ledger/core/keys.py", "tests/unit/core/test_control.py")
_RECEIPT = ("ledger/core/receipt.py", "tests/unit/core/test_receipt_and_window.py")
_WINDOW = ("ledger/core/window.py", "tests/unit/core/test_receipt_and_window.py")
_COMMITMENT = ("ledger/core/commitment.py", "tests/unit/core/test_receipt_and_window.py")
_EVENT = ("ledger/core/event.py", "tests/unit/core/test_receipt_and_window.py")
_INGEST = ("ledger/core/ingest.py", "tests/unit/core/test_ingest.py")

_FAULTS: Final = (
    (_ENVELOPE, "if len(raw) > MAX_LEAF_BYTES:", "if len(raw) < 0:"),
    (_ENVELOPE, 'first != (kind == "genesis") or ', ""),
    (_ENVELOPE, ' or first != (value["prev"] is None):', ":"),
    (_ENVELOPE, "    check_fields(value, SCHEMAS[kind])\n", ""),
    (_ENVELOPE, 'MAX_EVENT_LEAF_BYTES if kind == "event" else MAX_LEAF_BYTES', "MAX_EVENT_LEAF_BYTES"),
    (_USUAL, "_FORM.fullmatch(", "_FORM.match("),
    (_USUAL, "if raw.isascii() else None", "if raw else None"),
    (_USUAL, '"([1-9][0-9]{0,14})"', '"([0-9]{1,15})"'),
    (_USUAL, '"([1-9][0-9]{0,14})"', '"([1-9][0-9]{0,15})"'),
    (_USUAL, 'r"[ !#-\\[\\]-~]"', 'r"[ -~]"'),
    (_USUAL, "        parse_time(recorded)\n", "        str(recorded)\n"),
    (_FIELDS, "isinstance(value, bool) or not isinstance(value, int)", "not isinstance(value, int)"),
    (_FIELDS, "not 0 <= value <= MAX_INDEX", "not value <= MAX_INDEX"),
    (_FIELDS, '_HEX64 = re.compile(r"[0-9a-f]{64}"', '_HEX64 = re.compile(r"[0-9a-fA-F]{64}"'),
    (_FIELDS, "    if value.keys() != schema.keys():\n", "    if value.keys() < schema.keys():\n"),
    (_FIELDS, "            check(value[name])\n", "            pass\n"),
    (_SCHEMAS, '"v": one_of(VERSION)', '"v": text(99)'),
    (_SCHEMAS, '"policy", "reliance", "segment", "terms", ', '"policy", '),
    (_TIMES, "[0-9]{2}\\.[0-9]{6}Z", "[0-9]{2}(\\.[0-9]{6})?Z"),
    (_TIMES, "    if _FORM.fullmatch(text) is None:\n", "    if False:\n"),
    (_CONTROL, "if not leaf.is_control or link_of(leaf) != Link.to(before):", "if not leaf.is_control:"),
    (_CONTROL, 'not leaves or leaves[0].kind != "genesis"', "not leaves"),
    (_CONTROL, "if newest is not None and Link.to(leaves[-1]) != newest:", "if newest is None:"),
    (_CONTROL, "self.start <= index and", "self.start < index and"),
    (_CONTROL, "or index < self.stop", "or index <= self.stop"),
    (_CONTROL, "if span.covers(size - 1)", "if span.covers(size)"),
    (_CONTROL, "if index < size][-1]", "if index <= size][-1]"),
    (_CONTROL, "if span is None or span.stop is not None:", "if span is None:"),
    (_CONTROL, "    if name in spans:\n", "    if not name:\n"),
    (_CONTROL, "if key.use == use", "if key.kid"),
    (_CONTROL, '"log": log.hex(), ', ""),
    (_KEYS, "use.encode(), origin.encode(), public)", "origin.encode(), public)"),
    (_KEYS, '        if key.kid != value["kid"]:\n', '        if not value["kid"]:\n'),
    (_KEYS, "(size is not None and len(data) != size)", "False"),
    (_RECEIPT, 'names = ("origin", "index", "leaf_hash", "prev", "recorded")', 'names = ("origin", "index")'),
    (_RECEIPT, "    except OverflowError as error:\n", "    except ValueError as error:\n"),
    (_RECEIPT, "timedelta(seconds=max_merge_delay)", "timedelta(seconds=0)"),
    (
        _RECEIPT,
        '{**_SCHEMA, "issued": index} if "issued" in value else _SCHEMA',
        '{**_SCHEMA, "issued": index}',
    ),
    (_WINDOW, 'leaf.kind != "window" or ', ""),
    (_WINDOW, " or leaf.index <= end:", ":"),
    (_WINDOW, 'value["count"] != end - start + 1', 'value["count"] != end - start + 2'),
    (_COMMITMENT, 'DOMAIN = b"countersign/payload/1\\0"', 'DOMAIN = b"countersign/payload/2\\0"'),
    (_COMMITMENT, "(DOMAIN, salt, size, ", "(DOMAIN, size, "),
    (_COMMITMENT, "    if len(salt) != SALT_BYTES:\n", "    if not salt:\n"),
    (
        _COMMITMENT,
        "if not hmac.compare_digest(commit(salt, media_type, data), commitment):",
        "if not commitment:",
    ),
    (_EVENT, "{source}\\0{event_id}", "{source}{event_id}"),
    (_EVENT, "sizes[16:24], media, sizes[24:], payload", "media, payload"),
    (_EVENT, "    if event.subject is not None:\n", "    if event.subject != 0:\n"),
    (_INGEST, "max(map(len, said)) <= _SHORT", "max(map(len, said)) > 0"),
    (_INGEST, " and all(said)", ""),
    (_INGEST, " or not _is_time(time):", ":"),
    (_INGEST, "    if size > limit:\n", "    if size > limit + 1:\n"),
    (_INGEST, "size = len(value.encode())", "size = len(value)"),
    (_INGEST, "    if _BAD_CHARACTER.search(value):\n", "    if False:\n"),
    (_INGEST, "    _refuse_unknown(event, _PLAIN, path)\n", ""),
    (_INGEST, 'if event.get("specversion") != "1.0":', 'if not event.get("specversion"):'),
    (_INGEST, 'if "data" in event and "data_base64" in event:', "if False:"),
    (_INGEST, "-(2**31) <= value < 2**31", "-(2**31) <= value <= 2**31"),
    (_INGEST, "if len(found) > MAX_EXTENSIONS:", "if len(found) > MAX_EXTENSIONS + 1:"),
    (_INGEST, "        if name in known or value is None:\n", "        if value is None:\n"),
    (_INGEST, 'text.upper() if _RFC3339.fullmatch(text) else ""', "text.upper()"),
)

ROWS: Final = tuple((file, old, new, test) for (file, test), old, new in _FAULTS)
