"""A bundle with one character of one payload changed, packed again as well as an attacker could.

Sizes, digests and the manifest fit the changed file; what the attacker lacks is the log's export key, so the
manifest is signed with a key of their own. The commitment in the leaf still gives the change away.
"""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from nacl.signing import SigningKey

from ledger.core.bundle.layout import MANIFEST, OBJECTS
from ledger.core.bundle.lines import object_line, read_object
from ledger.core.bundle.manifest import PAYLOAD_TYPE, parse_manifest
from ledger.core.bundle.pack import bundle_chunks, part_of
from ledger.core.dsse import parse_envelope, sign_envelope
from ledger.core.gzip_stream import compressed, expand
from ledger.core.keys import kid_of
from ledger.core.tar import Limits, read_members

PAYLOADS = OBJECTS["payload"]
FOUR_DIGITS = re.compile(r'":([1-8])(?=[0-9]{3}[,}])')
"""Where basis points would be believed: 6,583 becomes 7,583, and not 20,000."""
ANY = re.compile(r'":([1-8])(?=[0-9]*[,}])')


class NothingToTamper(ValueError):
    """The bundle discloses no payload with a number in it."""


@dataclass(frozen=True)
class Tampered:
    """The new bundle (.tar.gz), and the payload of the event at `index` before and after."""

    bundle: bytes
    index: int
    before: str
    after: str


def tamper(bundle: bytes, attacker: SigningKey) -> Tampered:
    """Raise one digit of one payload and pack again; raises NothingToTamper where no payload has a number."""
    files = _files_of(bundle)
    lines = files[PAYLOADS].split(b"\n") if PAYLOADS in files else []
    for number in (FOUR_DIGITS, ANY):
        for place, line in enumerate(lines):
            disclosed = read_object(line) if line else None
            before = (disclosed.data or b"").decode(errors="replace") if disclosed else ""
            after = raised(before, number)
            if disclosed is not None and after != before:
                lines[place] = object_line(dataclasses.replace(disclosed, data=after.encode()))
                files[PAYLOADS] = b"\n".join(lines)
                return Tampered(_packed(files, attacker), disclosed.index, before, after)
    raise NothingToTamper("This bundle shows no payload with a number")


def raised(text: str, number: re.Pattern[str] = ANY) -> str:
    """JSON `text` with the first digit of its first such number raised by one; the same text without any."""
    return number.sub(lambda found: f'":{int(found[1]) + 1}', text, count=1)


def _files_of(bundle: bytes) -> dict[str, bytes]:
    tar = io.BytesIO()
    expand(io.BytesIO(bundle), tar, Limits())
    tar.seek(0)
    members = list(read_members(tar, Limits()))
    data = tar.getvalue()
    return {member.name: data[member.offset : member.offset + member.size] for member in members}


def _packed(files: Mapping[str, bytes], attacker: SigningKey) -> bytes:
    parts = {name: part_of(data) for name, data in files.items() if name != MANIFEST}
    manifest = parse_manifest(parse_envelope(files[MANIFEST]).payload)
    entries = {name: part.entry for name, part in parts.items()}
    kid = kid_of("export", manifest.origin, bytes(attacker.verify_key))
    body = dataclasses.replace(manifest, files=entries, kid=kid).body()
    signed = sign_envelope(PAYLOAD_TYPE, body, kid, lambda message: attacker.sign(message).signature)
    return b"".join(compressed(bundle_chunks(parts, signed.to_bytes())))
