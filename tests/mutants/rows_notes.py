"""Faults in notes, checkpoints, cosignatures, policies, proofs and DSSE that the named test must catch.

A row: the file, a text that occurs in it exactly once, what stands there instead, the test.
"""

from __future__ import annotations

from typing import Final

_BASE64 = ("ledger/core/strict_base64.py", "tests/unit/core/test_strict_base64.py")
_VKEY = ("ledger/core/vkey.py", "tests/unit/core/test_vkey.py")
_LINE = ("ledger/core/note_signature.py", "tests/unit/core/test_note.py")
_NOTE = ("ledger/core/note.py", "tests/unit/core/test_note.py")
_VERIFIED = ("ledger/core/note.py", "tests/unit/core/test_note_verification.py")
_CHECK = ("ledger/core/signature_check.py", "tests/unit/core/test_note_verification.py")
_CRYPTO = ("ledger/core/optional_crypto.py", "tests/unit/core/test_note_verification.py")
_CHECKPOINT = ("ledger/core/checkpoint.py", "tests/unit/core/test_checkpoint.py")
_COSIGNATURE = ("ledger/core/cosignature.py", "tests/unit/core/test_cosignature.py")
_ANSWERS = ("ledger/core/witness_answers.py", "tests/unit/core/test_witness_answers.py")
_POLICY = ("ledger/core/witness_policy.py", "tests/unit/core/test_witness_policy.py")
_QUORUM = ("ledger/core/witness_quorum.py", "tests/unit/core/test_witness_quorum.py")
_TRUST = ("ledger/core/checkpoint_trust.py", "tests/unit/core/test_checkpoint_trust.py")
_PROOF = ("ledger/core/proof.py", "tests/unit/core/test_proof.py")
_DSSE = ("ledger/core/dsse.py", "tests/unit/core/test_dsse.py")

_FAULTS: Final = (
    (_ANSWERS, "if told.origin != origin:", "if not told.origin:"),
    (_ANSWERS, "    verified(note, log_keys(told.size))\n", ""),
    (_ANSWERS, "if not lines or any(", "if any("),
    (_ANSWERS, "any(line.verdict is not Verdict.VALID for line in lines)", "not note"),
    (_ANSWERS, "dated=True", "dated=False"),
    (_BASE64, "if encode(data) != text:", "if not text:"),
    (_BASE64, 'if characters & {"-", "_"} and characters & {"+", "/"}:', "if not characters and text:"),
    (_BASE64, '"" if "=" in characters else "=" * (-len(text) % 4)', '"=" * (-len(text) % 4)'),
    (_VKEY, "if vkey.key_id != stated:", "if not stated:"),
    (_VKEY, "check_key_name(self.name)", "check_key_name('a')"),
    (_VKEY, "character.isspace() or", 'character == " " or'),
    (_VKEY, 'or character == "+" or', "or"),
    (_VKEY, "        ed25519.check_public(public)", "        return"),
    (_VKEY, "lawful = len(public) == MLDSA44_PUBLIC_BYTES", "lawful = True"),
    (_VKEY, "public.startswith(head) and len", "len"),
    (_VKEY, "bytes([key_type]) + material", "material"),
    (_VKEY, "        return sha256(public).digest()[:KEY_ID_BYTES]\n", "        pass\n"),
    (_VKEY, "[0-9a-f]{8}", "[0-9a-fA-F]{8}"),
    (_LINE, "if not line.startswith(_DASH) or len(words) != 2:", "if len(words) != 2:"),
    (_LINE, "or len(words) != 2:", "or len(words) < 2:"),
    (_LINE, "or not self.body:", "or False:"),
    (_NOTE, 'rpartition("\\n\\n")', 'partition("\\n\\n")'),
    (_NOTE, "or _CONTROL.search(text):", "or False:"),
    (_NOTE, "[\\x00-\\x09\\x0b-\\x1f]", "[\\x00-\\x08\\x0b-\\x1f]"),
    (_NOTE, "if len(lines) > MAX_SIGNATURES:", "if len(lines) > MAX_SIGNATURES + 1:"),
    (_NOTE, "if len(data) > MAX_NOTE_BYTES:", "if len(data) < 0:"),
    (_NOTE, "dict.fromkeys(more) if signature not in self.signatures", "dict.fromkeys(more)"),
    (_VERIFIED, "if line.verdict is Verdict.WRONG:", "if line.verdict is None:"),
    (_VERIFIED, "    if not valid:\n", "    if not note.signatures:\n"),
    (_VERIFIED, "for line in lines if line.verdict is Verdict.VALID", "for line in lines"),
    (_VERIFIED, "(vkey.name, vkey.key_id), [])", "(vkey.name, b'0000'), [])"),
    (
        _VERIFIED,
        "order = (Verdict.VALID, Verdict.NOT_EVALUATED",
        "order = (Verdict.WRONG, Verdict.VALID, Verdict.NOT_EVALUATED",
    ),
    (_CHECK, "    if answer is None:\n", "    if answer is ...:\n"),
    (
        _CHECK,
        "    except NoteMalformed:\n        return Verdict.WRONG",
        "    except NoteMalformed:\n        return Verdict.VALID",
    ),
    (_CHECK, "KeyType.COSIGNATURE: _cosignature", "KeyType.COSIGNATURE: _ed25519"),
    (_CHECK, 'len(signature) != int.from_bytes(length, "big")', "not length"),
    (
        _CRYPTO,
        "def verify_ecdsa(spki: bytes, message: bytes, signature: bytes) -> bool | None:\n",
        "def verify_ecdsa(spki: bytes, message: bytes, signature: bytes) -> bool | None:\n    return True\n",
    ),
    (_CHECKPOINT, "0|[1-9][0-9]{0,18}", "[0-9]{1,19}"),
    (_CHECKPOINT, "[1-9][0-9]{0,18}", "[1-9]\\d{0,18}|\\d"),
    (_CHECKPOINT, "or int(text) > MAX_SIZE:", "or False:"),
    (_CHECKPOINT, "if self.size == 0 and self.root != EMPTY_ROOT:", "if self.size < 0:"),
    (_CHECKPOINT, "if len(self.root) != HASH_BYTES:", "if not self.root:"),
    (_CHECKPOINT, 'return line != "" and not any', "return not any"),
    (_CHECKPOINT, 'if lines.pop() != "" or', "if not lines.pop and"),
    (_COSIGNATURE, "    if dated and timestamp == 0:", "    if dated and timestamp < 0:"),
    (_COSIGNATURE, "if not 0 <= timestamp <= MAX_TIME:", "if not 0 <= timestamp:"),
    (_COSIGNATURE, "time {timestamp}\\n{text}", "time {timestamp}\\n{checkpoint.origin}\\n"),
    (
        _COSIGNATURE,
        "_opaque(cosigner) + time + _opaque(end.origin)",
        "_opaque(cosigner) + _opaque(end.origin) + time",
    ),
    (_COSIGNATURE, 'b"subtree/v1\\n\\0"', 'b"subtree/v1\\n"'),
    (_COSIGNATURE, "or (start and timestamp):", "or False:"),
    (_COSIGNATURE, "if size is None or len(body)", "if size is not None and len(body)"),
    (_COSIGNATURE, "1 <= len(raw) <= _MAX_NAME_BYTES", "1 <= len(raw) < _MAX_NAME_BYTES"),
    (_POLICY, '_demand(member not in draft.members, "A', '_demand(True, "A'),
    (_POLICY, '_demand(member in draft.names, "A', '_demand(True, "A'),
    (_POLICY, '_demand(vkey.public not in draft.publics, "A', '_demand(True, "A'),
    (_POLICY, '_demand(vkey.key_type in allowed, "A', '_demand(True, "A'),
    (_POLICY, '_demand(name not in draft.names, "A', '_demand(True, "A'),
    (_POLICY, '_demand(name not in RESERVED_NAMES, "A', '_demand(True, "A'),
    (_POLICY, '_demand(draft.quorum is None, "A', '_demand(True, "A'),
    (_POLICY, "and int(rule) <= members", "and int(rule) <= members + 1"),
    (_POLICY, "    if rest:\n", "    if not data:\n"),
    (_POLICY, "{*range(0x20), 0x7F}", "{*range(0x20)}"),
    (_POLICY, "enumerate(lines, 1)", "enumerate(lines)"),
    (_POLICY, "sha256(self.text).digest()", "sha256(self.text.strip()).digest()"),
    (_QUORUM, ">= group.threshold", "> group.threshold"),
    (_QUORUM, "sum(member.met for member in members)", "len(present)"),
    (_QUORUM, '"group", met, group.threshold', '"group", met or group.name in present, group.threshold'),
    (
        _QUORUM,
        'return QuorumReason("none", "none", met=True)',
        'return QuorumReason("none", "none", met=False)',
    ),
    (_TRUST, "if time > 0 and not", "if not"),
    (_TRUST, "and key.name == checkpoint.origin", ""),
    (_TRUST, "time > now + FUTURE_TOLERANCE_S", "time > now + FUTURE_TOLERANCE_S + 1"),
    (_TRUST, "    if trust.wrong_witnesses:\n", "    if trust.undated:\n"),
    (_TRUST, "    if not trust.log_keys:\n", "    if not trust.checkpoint:\n"),
    (_TRUST, "max(times)", "times[-1]"),
    (
        _TRUST,
        "not quorum.met and policy.met_by(counted.keys() | policy.names_of(unknown)),",
        "bool(unknown),",
    ),
    (_PROOF, "        verify_inclusion(", "        _ = ("),
    (_PROOF, "decimal(lines[at]", "int(lines[at]"),
    (_PROOF, 'data.partition(b"\\n\\n")', 'data.rpartition(b"\\n\\n")'),
    (_PROOF, "if lines[0] != HEADER:", "if not lines[0].startswith(HEADER):"),
    (_PROOF, "any(len(one) != HASH_BYTES for one in self.hashes)", "False"),
    (_DSSE, "(len(kind), kind,", "(len(payload_type), kind,"),
    (_DSSE, "if public not in signers and any", "if any"),
    (_DSSE, "signers[public] = keyid", "signers[public + keyid.encode()] = keyid"),
    (_DSSE, "if len(signers) < threshold:", "if len(envelope.signatures) < threshold:"),
    (_DSSE, "if envelope.payload_type != payload_type:", "if not payload_type:"),
    (_DSSE, "strict_json.parse(data) if", "__import__('json').loads(data) if"),
    (_DSSE, "decode_either(_text", "decode(_text"),
)

ROWS: Final = tuple((file, old, new, test) for (file, test), old, new in _FAULTS)
