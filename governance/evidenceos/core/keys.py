"""Keys as EvidenceOS keeps them: the trusted keys of operators, and the keyring of NullSpec authorities.

Guarantees that only points of large order in their canonical encoding count as keys. Both files are unsigned: whoever
may write them may sign. Rule: reference, sections 1.6 and 2.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.fields import Fields, hex_of, malformed
from governance.evidenceos.core.jsons import pretty
from governance.evidenceos.errors import FieldMalformed, NameUnsafe
from ledger.core import ed25519

if TYPE_CHECKING:
    from ledger.core.types import JSON

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


def read_trusted_keys(data: bytes) -> tuple[dict[str, bytes], list[FieldMalformed]]:
    """Return the public key of each label of trusted_oracle_keys.json, and the refusals of those that are none.

    The daemon takes no key at all where one of them is malformed. Raises where the file itself cannot be read.
    """
    fields = Fields.of(data)
    keys, faults = dict[str, bytes](), []
    for label, value in fields.object("keys").rest().items():
        try:
            keys[label] = _public(value, fields.object("keys").place(label))
        except FieldMalformed as error:
            faults.append(error)
    fields.close()
    return keys, faults


def write_trusted_keys(keys: Mapping[str, bytes]) -> bytes:
    """Return trusted_oracle_keys.json: pretty, labels in order."""
    members: dict[str, JSON] = {label: keys[label].hex() for label in sorted(keys)}
    return pretty({"keys": members}).encode("utf-8")


def read_key_file(data: bytes) -> bytes:
    """Return the public key of a keyring's file: hexadecimal text, white space around it allowed."""
    try:
        text = data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise malformed("$", "64 hexadecimal digits", "bytes that are no ASCII") from None
    return _public(text.lower(), "$")


def read_signature_file(data: bytes) -> bytes:
    """Return the 64 bytes of a `.sig` file: hexadecimal text, white space around it allowed."""
    try:
        text = data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise malformed("$", "128 hexadecimal digits", "bytes that are no ASCII") from None
    return hex_of(text.lower(), "$", SIGNATURE_BYTES)


def write_hex_file(data: bytes) -> bytes:
    """Return a `.pub` or `.sig` file: lower-case hexadecimal text, and nothing else."""
    return data.hex().encode("ascii")


def check_name(name: str, path: str) -> str:
    """Return a name that may be that of a file or folder; raises NameUnsafe."""
    if not name.strip(".") or any(one in "/\\" or not one.isprintable() for one in name):
        raise NameUnsafe("This name cannot be that of a folder", why=f"{name[:64]!a} leads elsewhere", path=path)
    return name


def _public(value: JSON, path: str) -> bytes:
    public = hex_of(value, path, KEY_BYTES)
    weakness = ed25519.weakness(public)
    if weakness is not None:
        raise malformed(path, "an Ed25519 public key", f"bytes of which {weakness}")
    return public
