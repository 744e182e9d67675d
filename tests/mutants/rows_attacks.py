"""Faults that would let made-up evidence of a hostile log, operator or stranger through.

A row: the file, a text that occurs in it exactly once, what stands there instead, the test.
"""

from __future__ import annotations

from typing import Final

_CORPUS = "tests/unit/core/verify/test_corpus.py"
_LIMITS = "tests/unit/core/verify/test_hostile_limits.py"
_RULES = "tests/unit/core/verify/test_one_sided_rules.py"
_TAR = "tests/unit/core/verify/test_tar.py"
_V = "ledger/core/verify/"

ROWS: Final = (
    (_V + "windows.py", "walk.leaves.complete and window.start > walk.covered", "walk.leaves.complete", _LIMITS),
    ("ledger/core/times.py", "min(max(seconds, 0), LAST_SECOND)", "seconds", _CORPUS),
    ("ledger/core/schemas.py", "value > MAX_MERGE_DELAY_S", "value < 0", "tests/unit/core/test_receipt_and_window.py"),
    ("ledger/core/tar.py", "tar_bytes: int = DEFAULT_TAR_BYTES", "tar_bytes: int = 64 << 30", _LIMITS),
    ("ledger/core/tar.py", "        if self._ends:\n", "        if not self:\n", _TAR),
    ("ledger/core/gzip_stream.py", "        look(chunk)\n", "", _LIMITS),
    ("ledger/core/note.py", "(before and before[-1].verdict is Verdict.WRONG)", "(before and not before)", _LIMITS),
    (
        "ledger/core/note.py",
        "if len(before) < MAX_LINES_OF_A_KEY:",
        "if candidates:",
        "tests/unit/core/test_note_verification.py",
    ),
    ("ledger/core/signature_check.py", "        if key not in self._answers:\n", "        if key:\n", _LIMITS),
    (_V + "guarded.py", "    except Exception as error:", "    except EOFError as error:", _LIMITS),
    ("ledger/verify.py", "    except Exception as error:", "    except EOFError as error:", _LIMITS),
    (_V + "heads.py", "if number > MAX_CHECKPOINTS or room < 0:", "if room < 0:", _LIMITS),
    (_V + "heads.py", "if number > MAX_CHECKPOINTS or room < 0:", "if number > MAX_CHECKPOINTS:", _LIMITS),
    (_V + "forks.py", "        if number > MAX_FORKS:", "        if number < 0:", _LIMITS),
    (_V + "keys.py", "history = case.history if case.head_signed else None", "history = case.history", _CORPUS),
    (_V + "receipts.py", " and self.case.head_signed\n", "\n", _CORPUS),
    (_V + "receipts.py", "receipt.index <= at < self.case.head.checkpoint.size", "receipt.index <= at", _CORPUS),
    (_V + "receipts.py", "prev is not None and receipt.prev != prev", "prev is None and receipt.prev != prev", _CORPUS),
    (_V + "receipts.py", "and receipt.recorded < before.recorded", "and receipt.recorded < ''", _CORPUS),
    (_V + "receipts.py", "and receipt.recorded > after.recorded", "and receipt.recorded < ''", _CORPUS),
    (_V + "receipts.py", "or before is None or after is None", "or before is None", _RULES),
    (_V + "single.py", "if envelope.origin != seen.checkpoint.origin:", "if not envelope.origin:", _CORPUS),
    (_V + "single.py", "if envelope.index != proof.index:", "if envelope.index < 0:", _CORPUS),
    (
        _V + "single_history.py",
        "    if found != origin:\n",
        "    if not found:\n",
        _CORPUS,
    ),
    (
        _V + "single_history.py",
        "or manifest.index <= max(receipt.index, receipt.issued or 0)",
        "or manifest.index < 0",
        _CORPUS,
    ),
    (_V + "single_history.py", "found = history(chain, window.control)", "found = history(chain)", _CORPUS),
    (_V + "single_receipt.py", "    if known.until is None:\n", "    if known.until == 0:\n", _CORPUS),
    (
        _V + "single_receipt.py",
        'if _retired(known, receipt, at) else "receipt_key_unproven"',
        'if not at else "receipt_key_unproven"',
        _CORPUS,
    ),
    (_V + "single_receipt.py", "if valid and _another(seen, kept, receipt):", "if valid:", _CORPUS),
    (
        _V + "single_receipt.py",
        "return seen.signed and kept.proof is not None and",
        "return kept.proof is not None and",
        _CORPUS,
    ),
    (_V + "single_receipt.py", "    elif leaf is not None:\n", "    elif receipt:\n", _CORPUS),
    (
        _V + "single_receipt.py",
        "if known is not None and receipt.promised_by != promised(",
        "if known is None and receipt.promised_by != (",
        _CORPUS,
    ),
    (_V + "single_input.py", "if found is not None and not isinstance(found, str):", "if found == 0:", _CORPUS),
)
