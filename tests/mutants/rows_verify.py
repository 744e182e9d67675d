"""Faults in the bundle, the strict tar and the verifier's steps that the corpus must catch.

A row: the file, a text that occurs in it exactly once, what stands there instead, the test.
"""

from __future__ import annotations

from typing import Final

_CORPUS = "tests/unit/core/verify/test_corpus.py"
_TAR = "tests/unit/core/verify/test_tar.py"
_V = "ledger/core/verify/"

ROWS: Final = (
    ("ledger/core/tar.py", "if header(name, size) != block:", "if not name:", _TAR),
    ("ledger/core/tar.py", "if count > limits.files:", "if count < 0:", _TAR),
    (
        "ledger/core/tar.py",
        "        if any(_exactly(tar, -size % BLOCK)):",
        "        if not _exactly(tar, -size % BLOCK) and 0:",
        _TAR,
    ),
    ("ledger/core/tar.py", "or tar.read(1):", "or False:", _TAR),
    ("ledger/core/tar.py", "[A-Za-z0-9][A-Za-z0-9._-]*(?:/", "[A-Za-z0-9.][A-Za-z0-9._-]*(?:/", _TAR),
    ("ledger/core/gzip_stream.py", "if inflate.unused_data or source.read(1):", "if not source:", _TAR),
    ("ledger/core/gzip_stream.py", "given > limits.ratio * taken", "given < 0", _TAR),
    ("ledger/core/gzip_stream.py", "if size > limits.tar_bytes:", "if size < 0:", _TAR),
    (_V + "archive.py", "if not is_known(member.name)", "if not member.name", _CORPUS),
    (
        _V + "manifest.py",
        "if (entry.size, entry.sha256) != (member.size, member.sha256):",
        "if entry.size != member.size:",
        _CORPUS,
    ),
    (
        _V + "manifest.py",
        "present.keys() - listed.keys() - {MANIFEST}",
        "present.keys() - present.keys()",
        _CORPUS,
    ),
    (_V + "manifest.py", "        demand_one_form(raw, signed, manifest.kid)\n", "", _CORPUS),
    (
        _V + "manifest.py",
        "valid = ed25519.verify(public, message, signed.signatures[0].sig)",
        "valid = True",
        _CORPUS,
    ),
    (_V + "manifest.py", "> now + FUTURE_TOLERANCE_S", "> now + 10**9", _CORPUS),
    (_V + "one_form.py", "(Signature(signature, kid),)", "signed.signatures", _CORPUS),
    (
        _V + "heads.py",
        "if size <= manifest.last or size < manifest.size:",
        "if size <= manifest.last:",
        _CORPUS,
    ),
    (
        _V + "heads.py",
        "elif size == manifest.size and head.checkpoint.root != manifest.root:",
        "elif size < 0:",
        _CORPUS,
    ),
    (_V + "heads.py", "        if origin != head.origin:", "        if not origin:", _CORPUS),
    (_V + "heads.py", "verify_consistency(old.size, head.size, proof, old.root, head.root)", "pass", _CORPUS),
    (
        _V + "heads.py",
        "key=lambda held: (held.checkpoint.size, ",
        "key=lambda held: (-held.checkpoint.size, ",
        _CORPUS,
    ),
    (_V + "leaves.py", "leaf.prev != before.leaf_hash", "leaf.prev is None", _CORPUS),
    (_V + "leaves.py", "leaf.recorded < earlier.recorded and", "leaf.recorded < '' and", _CORPUS),
    (_V + "leaves.py", "if leaf.origin != walk.origin:", "if not leaf.origin:", _CORPUS),
    (_V + "leaves.py", "leaf.recorded > walk.latest:", "leaf.recorded < walk.latest[:0]:", _CORPUS),
    (_V + "leaves.py", "    if walk.expected <= last:", "    if walk.expected < last:", _CORPUS),
    (_V + "leaves.py", "root.verify(case.head.checkpoint.root)", "pass", _CORPUS),
    (_V + "leaves.py", "if proof[:3] != (first, last, case.head.checkpoint.size):", "if not proof:", _CORPUS),
    (_V + "range_root.py", "len(proof) != left + self._sides.count(False)", "len(proof) < 0", _CORPUS),
    (_V + "range_root.py", "self.roots[self._edge.size] = self._edge.root()", "pass", _CORPUS),
    (_V + "attached.py", "if leaf.index != attached.index:", "if leaf.index < 0:", _CORPUS),
    (
        _V + "attached.py",
        "verify_inclusion(attached.index, head.size, leaf.leaf_hash, list(attached.proof), head.root)",
        "pass",
        _CORPUS,
    ),
    (_V + "attached.py", "last = case.head.checkpoint.size - 1", "last = max(windows, default=0)", _CORPUS),
    (_V + "attached.py", "    _refuse_left_out(known, chain, newest)\n", "", _CORPUS),
    (_V + "attached.py", "    _refuse_weak(derived)\n", "", _CORPUS),
    (
        _V + "attached.py",
        "if case.archive.read(KEYS) != keys_document(case.history):",
        "if not case.archive.read(KEYS):",
        _CORPUS,
    ),
    (_V + "attached.py", "elif case.archive.members[name].sha256 != digest:", "elif not digest:", _CORPUS),
    (_V + "keys.py", "    if not valid & in_force:", "    if not valid:", _CORPUS),
    (_V + "keys.py", "    if lacking:", "    if not in_force:", _CORPUS),
    (_V + "keys.py", "for publics in (before, *wanted):", "for publics in wanted:", _CORPUS),
    (_V + "keys.py", "for publics in (before, *wanted):", "for publics in (before,):", _CORPUS),
    (_V + "keys.py", "case.manifest.log != found:", "case.manifest.log is None:", _CORPUS),
    (_V + "keys.py", "if pin is not None and pin != found:", "if pin is not None and not found:", _CORPUS),
    (_V + "windows.py", "window_root(hashes) != window.root", "not window_root(hashes)", _CORPUS),
    (_V + "windows.py", "window.start > before.end + 1:", "window.start > before.end + 2:", _CORPUS),
    (
        _V + "receipts.py",
        "        if ed25519.verify(public, message, signed.signatures[0].sig):",
        "        if public:",
        _CORPUS,
    ),
    (_V + "receipts.py", "contradicted = valid and self.case.range_proved", "contradicted = False", _CORPUS),
    (
        _V + "receipts.py",
        "    if at < receipt.index:",
        "    if at < 0:",
        "tests/unit/core/verify/test_one_sided_rules.py",
    ),
    (_V + "receipts.py", "if self.seen[place]:", "if place < 0:", _CORPUS),
    (_V + "receipts.py", "if size <= receipt.index)", "if size > receipt.index)", _CORPUS),
    (
        _V + "receipts.py",
        "return receipt.log == history.genesis.leaf_hash and receipt.origin == history.genesis.origin",
        "return True",
        "tests/unit/core/verify/test_one_sided_rules.py",
    ),
    (
        _V + "objects.py",
        "open_commitment(commitment, disclosed.salt, disclosed.media_type, data)",
        "pass",
        _CORPUS,
    ),
    (
        _V + "objects.py",
        "lacking = [leaves.indices[place] for place in absent if leaves.indices[place] not in erased]",
        "lacking = list[int]()",
        _CORPUS,
    ),
    (
        _V + "period.py",
        "period.start is None or leaf.recorded >= period.start",
        "period.start is None",
        _CORPUS,
    ),
    (
        _V + "period.py",
        "passed=found == stated)",
        "passed=True)",
        "tests/unit/core/verify/test_one_sided_rules.py",
    ),
    (
        _V + "forks.py",
        "        return a.root != b.root\n",
        "        return True\n",
        "tests/unit/core/verify/test_one_sided_rules.py",
    ),
    (
        _V + "forks.py",
        "    return old_root != a.root\n",
        "    return True\n",
        "tests/unit/core/verify/test_one_sided_rules.py",
    ),
    (
        _V + "forks.py",
        "signed = case.head is not None and log_signed(case, held) and",
        "signed = case.head is not None and",
        _CORPUS,
    ),
    (
        _V + "forks.py",
        "paused = [rest for span in paused for rest in _without(span, start, end)]",
        "paused = []",
        _CORPUS,
    ),
    (_V + "outside.py", "elif reader.now - max(times) > limit:", "elif reader.now < limit:", _CORPUS),
    ("ledger/core/report.py", "        for step in REQUIRED[self.kind]:", "        for step in ():", _CORPUS),
    ("ledger/core/report.py", "        if Effect.REJECTED in effects:", "        if not effects:", _CORPUS),
    (
        "ledger/core/policy_compare.py",
        "_met(new, chosen) and not _met(old, chosen)",
        "_met(old, chosen) and not _met(new, chosen)",
        "tests/unit/core/test_policy_compare.py",
    ),
)
