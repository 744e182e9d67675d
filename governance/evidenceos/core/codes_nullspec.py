"""Codes of NullSpec contracts, the active map and the signed registry."""

from __future__ import annotations

from typing import Final

from ledger.core.codes_row import Effect, rows

_SIGN_AGAIN: Final = "Have it signed again by the key that it names, over exactly these bytes."
_FIND_OUT: Final = "Find out who wrote this, and keep the file. Put the last good one back by a change."
_ENROL: Final = "Find out whose key it is. If it is to count, add it to the trusted keys by a change of its own."
_NEW_CONTRACT: Final = "Prepare a new contract; this one stays as the record of what was."

NULLSPECS: Final = (
    *rows(
        Effect.REJECTED,
        (
            "evidenceos_not_canonical",
            "The bytes are not those that the daemon would write.",
            "the file with the canonical form of what it says",
            (
                "Nothing is wrong with what it says; write the canonical bytes before the daemon rewrites "
                "the file by itself."
            ),
        ),
        (
            "nullspec_schema",
            "The contract is of another schema.",
            "the schema with evidenceos.nullspec.v1",
            "Use a contract of this schema; there is no other that the daemon takes.",
        ),
        (
            "nullspec_key_unknown",
            "The contract's author is in no keyring.",
            "created_by with the names of the keyring",
            _ENROL,
        ),
        (
            "nullspec_signature_wrong",
            "The author's signature is not over this contract.",
            "the signature with the signing payload under the author's key",
            _SIGN_AGAIN,
        ),
        (
            "nullspec_id_mismatch",
            "The contract's id is not the hash of what it says.",
            "the id with the SHA-256 of the signing payload",
            _FIND_OUT,
        ),
        (
            "nullspec_name_mismatch",
            "The file is named after another contract.",
            "the file's name with the contract's id",
            "Move the file under its own name; the daemon does so at its next start without telling anybody.",
        ),
        ("nullspec_pair", "Kind and e-process do not go together.", "the kind with the e-process", _NEW_CONTRACT),
        (
            "nullspec_number",
            "A number is out of the range that the daemon computes with.",
            "each number with its range, and the lengths of both lists",
            _NEW_CONTRACT,
        ),
        (
            "nullspec_sum",
            "Probabilities do not sum to 1: the e-values would mean nothing.",
            "the sum with 1, to within 1e-9",
            _NEW_CONTRACT,
        ),
        (
            "nullspec_number_unstable",
            "The daemon reads a number as its neighbour: it computes another id, and renames the file.",
            "the number with what serde_json's default reader makes of its text",
            "Sign a contract whose numbers have at most 15 significant digits; the form for a new one rounds them so.",
        ),
        (
            "nullspec_expired",
            "The contract holds no more.",
            "the logical epoch with epoch_created + ttl_epochs",
            _NEW_CONTRACT,
        ),
        (
            "nullspec_missing",
            "A contract that is named is not in the store.",
            "the id with the contracts of the store",
            "Install the contract first, or name one that is there.",
        ),
        (
            "nullspec_mapping_mismatch",
            "The contract is for another oracle or holdout than the row that names it.",
            "oracle_id and holdout_handle of the contract with those of the row",
            "Activate a contract that was made for this pair.",
        ),
        (
            "nullspec_resolution_mismatch",
            "The contract is bound to another oracle resolution.",
            "oracle_resolution_hash with the hash of symbols, lane, calibration, epoch and TTL",
            "Prepare a new contract with the hash that is expected.",
        ),
        (
            "nullspec_calibration_mismatch",
            "The contract is bound to another calibration.",
            "calibration_manifest_hash with that of the oracle's record",
            "Prepare a new contract for the calibration in force.",
        ),
        (
            "active_map_repeated",
            "A pair stands twice; the daemon takes the first row.",
            "oracle and holdout of each row with those before",
            "Activate the contract that is meant: the map is then written whole.",
        ),
        (
            "active_map_unsorted",
            "The rows are not in the daemon's order.",
            "the rows with their order by oracle and holdout",
            "The next activation sorts them; nothing else needs to be done.",
        ),
        (
            "registry_folder_mismatch",
            "A contract lies in another oracle's folder; the daemon refuses the whole registry.",
            "oracle_id with the name of the folder",
            "Move the contract and its .sig into the folder of its oracle.",
        ),
        (
            "registry_signature_missing",
            "A contract has no readable .sig; the daemon refuses the whole registry.",
            "the files beside the contract",
            "Have the contract's canonical bytes signed, and write the .sig beside it.",
        ),
        (
            "registry_signature_wrong",
            "The .sig is not over this contract by a key of the ring; the daemon refuses the whole registry.",
            "the .sig with the canonical bytes under every key of the ring",
            _SIGN_AGAIN,
        ),
        (
            "registry_signature_alone",
            "A .sig lies beside no contract.",
            "the names of .sig files with those of contracts",
            "Find out where its contract went; then take the .sig away.",
        ),
    ),
)
