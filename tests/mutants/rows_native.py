"""Mutants of native artefacts and of webhooks: what is bound, what is signed, where a message may go."""

from __future__ import annotations

_TEST = "tests/unit/change/test_native_artefacts.py"
_HOOKS = "tests/unit/watching/test_webhook_rules.py"


def _rows(file: str, test: str, *changes: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    return [(file, old, new, test) for old, new in changes]


ROWS = [
    *_rows(
        "governance/change/core/native_text.py",
        _TEST,
        ("if members and name <= last:", "if members and name < last:"),
        ('if root.kind != "object" or root.end != len(whole):', 'if root.kind != "object":'),
        ("if depth == 0:", "if depth == -99:"),
        ('or not unicodedata.is_normalized("NFC", node.text):', "or not node.text.isprintable and True:"),
        ("            if name not in names", "            if name"),
    ),
    *_rows(
        "governance/change/core/native_forms.py",
        _TEST,
        ("or int(node.token) > U64_MAX:", "or int(node.token) > 10 * U64_MAX:"),
        ("node.members.keys() != form.keys():", "not node.members.keys() >= form.keys():"),
        ('RECORD: frozenset({"key_id", "updated_at_epoch"}),\n    EPOCH: frozenset({"key_id", "updated_at_epoch"}),',
         'RECORD: frozenset({"key_id", "updated_at_epoch"}),\n    EPOCH: frozenset({"updated_at_epoch"}),'),
        ('EPOCH: "evidenceos:epoch_control:v1"}', 'EPOCH: "evidenceos:epoch_control:v2"}'),
    ),
    *_rows(
        "governance/change/core/native.py",
        _TEST,
        ("    if len(given) < len(listed):\n", "    if len(given) + 9 < len(listed):\n"),
        ("    if len(given) > len(listed):\n", "    if len(given) > len(listed) + 9:\n"),
        ("    if not listed.names(artefact.fixed):", "    if not artefact.fixed:"),
        ("    if kind != listed.kind:", "    if not kind:"),
        ("whole=listed.is_signed_with(verb))\n    if not", "whole=True)\n    if not"),
        ("return self.payload if domain is None else hashlib", "return self.payload if domain else hashlib"),
        ("    if not ed25519.verify(made.public, artefact.to_sign, made.signature):", "    if not made.signature:"),
        ("if made.detached is not None and not ed25519.verify", "if made.detached is not None and ed25519.verify"),
        ("    if (made.detached is not None) is not (made.kind == NULLSPEC):", "    if made.kind not in KINDS:"),
        ("identity = hashlib.sha256(payload).digest()", "identity = hashlib.sha256(signature).digest()"),
    ),
    *_rows(
        "governance/watching/core/webhooks.py",
        _HOOKS,
        ("return found.is_global and not found.is_multicast", "return not found.is_multicast"),
        ("found.is_global and not found.is_multicast", "found.is_global"),
        ("        return found.ipv4_mapped\n", "        return found\n"),
        ("or any(found in one for one in _TRANSLATED)", ""),
        ('{"https", "http"} if plain else {"https"}', '{"https", "http"}'),
        ("if parts.username is not None or parts.fragment:", "if parts.fragment:"),
        ('f"{message}.{second}.".encode() + body', 'f"{message}.".encode() + body'),
        ("for one in secrets]", "for one in secrets[:1]]"),
        ("hmac.digest(key, webhook, sha256().name)", 'hmac.digest(key, b"", sha256().name)'),
        ("None if tries >= MOST_TRIES else", "None if tries > MOST_TRIES else"),
    ),
]  # fmt: skip
