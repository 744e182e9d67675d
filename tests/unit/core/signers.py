"""Keys that sign for tests: Ed25519 from a seed of one repeated byte, made with PyNaCl."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nacl.signing import SigningKey

from ledger.core.checkpoint import Checkpoint
from ledger.core.cosignature import cosign
from ledger.core.merkle import leaf_hash, root
from ledger.core.note import KeyType, Note, NoteSignature, VKey, make_vkey, sign_note
from ledger.core.types import Hash, TreeSize

ORIGIN = "log.example/log/acme/decisions"
NOW = 1_790_000_000
LEAVES: tuple[Hash, ...] = tuple(leaf_hash(b"leaf %d" % number) for number in range(11))


@dataclass(frozen=True)
class Signer:
    """A key and its verifier key; `sign` returns the bare 64 bytes."""

    key: SigningKey
    vkey: VKey

    def sign(self, message: bytes) -> bytes:
        return bytes(self.key.sign(message).signature)


def signer(seed: int, name: str = ORIGIN, key_type: int = KeyType.ED25519) -> Signer:
    key = SigningKey(bytes([seed]) * 32)
    return Signer(key, make_vkey(name, bytes(key.verify_key), key_type))


LOG = signer(1)
WITNESSES: tuple[Signer, ...] = tuple(signer(10 + n, f"witness{n}.example", KeyType.COSIGNATURE) for n in range(4))


def checkpoint(leaves: Sequence[Hash] = LEAVES, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, TreeSize(len(leaves)), root(leaves))


def cosignature(witness: Signer, text: str, time: int = NOW) -> NoteSignature:
    return cosign(text, witness.vkey, time, witness.sign)


def signed_checkpoint(*witnesses: Signer, head: Checkpoint | None = None, time: int = NOW) -> Note:
    text = (head or checkpoint()).text()
    note = Note(text, (sign_note(text, LOG.vkey, LOG.sign),))
    return note.with_signatures(*(cosignature(witness, text, time) for witness in witnesses))


def policy_text(rule: str = "2", quorum: str = "g", witnesses: Sequence[Signer] = WITNESSES[:3]) -> str:
    lines = [f"witness w{number} {one.vkey}" for number, one in enumerate(witnesses)]
    members = " ".join(f"w{number}" for number in range(len(witnesses)))
    return "\n".join([f"log {LOG.vkey}", *lines, f"group g {rule} {members}", f"quorum {quorum}", ""])
