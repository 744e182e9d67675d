"""Mutants of second lines, rotations, successors and ends of logs."""

from __future__ import annotations

_V = "ledger/core/verify/"
_CORPUS = "tests/unit/core/verify/test_corpus.py"
_CONTINUED = _V + "continued.py"
_KEYS = _V + "keys.py"

ROWS = (
    (_CONTINUED, "if parse_checkpoint(note.text) != taken:", "if not note.text:", _CORPUS),
    (_CONTINUED, "    if trust.wrong_log_keys:\n", "    if not taken.origin:\n", _CORPUS),
    (_CONTINUED, "elif not trust.log_keys:", "elif not taken.origin:", _CORPUS),
    (_CONTINUED, "elif not trust.quorum_met:", "elif not taken.origin:", _CORPUS),
    (_CONTINUED, "if held.size > taken.size:", "if held.size < 0:", _CORPUS),
    (_CONTINUED, "elif held.size == taken.size and held.root != taken.root:", "elif held.size < 0:", _CORPUS),
    (_CONTINUED, "if late and late[-1] > closing.index:", "if late and late[-1] < 0:", _CORPUS),
    (_CONTINUED, "if one.origin == origin and index >= one.size:", "if one.origin == origin and index < 0:", _CORPUS),
    (_CONTINUED, "held.checkpoint != one:", "not held.path:", _CORPUS),
    (_CONTINUED, "        if case.archive.has(PREDECESSOR):\n", "        if not case.findings:\n", _CORPUS),
    (_KEYS, "elif vkey.key_type is KeyType.MLDSA44:", "elif vkey.name == '':", _CORPUS),
    (_KEYS, 'code = "pq_signature_wrong" if vkey in wrong', 'code = "pq_signature_wrong" if vkey in open_', _CORPUS),
    (
        _KEYS,
        "    for publics in (before, *([vkey.public] for vkey in added)):",
        "    for publics in (before,):",
        _CORPUS,
    ),
    (_KEYS, "in (before, *([vkey.public] for vkey in added)):", "in [[vkey.public] for vkey in added]:", _CORPUS),
    (_KEYS, "if len(one) == SIGNATURE_BYTES[KeyType.MLDSA44]", "if not one", _CORPUS),
)
