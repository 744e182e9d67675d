"""The signed registry: contracts by oracle, each with a detached signature; the daemon takes all of it or nothing.

Guarantees the paths and bytes that its loader takes, and that every contract is judged by itself. Rule: reference,
section 1.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from governance.evidenceos.core.digests import is_signed
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.keys import check_name
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.core.nullspec_checks import canonical_faults, signature_faults


@dataclass(frozen=True, slots=True)
class Entry:
    """A contract below `nullspecs/<folder>/<stem>.json`, its bytes, and the detached signature where there is one."""

    folder: str
    stem: str
    contract: Contract
    data: bytes
    signature: bytes | None


def entry_paths(contract: Contract) -> tuple[str, str]:
    """Return the paths of the contract and of its signature below the registry; raises NameUnsafe."""
    folder = check_name(contract.oracle_id, "$.oracle_id")
    stem = f"nullspecs/{folder}/{contract.nullspec_id.hex()}"
    return f"{stem}.json", f"{stem}.sig"


def entry_faults(entry: Entry, keyring: Mapping[str, bytes]) -> Iterator[Fault]:
    """Folder, name, embedded and detached signature; any key of the ring may have made the detached one."""
    if entry.contract.oracle_id != entry.folder:
        told = f"the oracle {entry.contract.oracle_id!a} with the folder {entry.folder!a}"
        yield Fault("registry_folder_mismatch", "$.oracle_id", told)
    if entry.contract.nullspec_id.hex() != entry.stem:
        yield Fault("nullspec_name_mismatch", "$.nullspec_id", f"the id with the file's name {entry.stem[:64]!a}")
    yield from signature_faults(entry.contract, keyring)
    yield from canonical_faults(entry.contract, entry.data)
    yield from _detached(entry, keyring)


def _detached(entry: Entry, keyring: Mapping[str, bytes]) -> Iterator[Fault]:
    signature = entry.signature
    if signature is None:
        yield Fault("registry_signature_missing", "$", "there is no readable .sig beside the contract")
    elif not any(is_signed(public, entry.contract.canonical(), signature) for public in keyring.values()):
        yield Fault(
            "registry_signature_wrong", "$", f"the .sig with the contract under {len(keyring)} keys of the ring"
        )
