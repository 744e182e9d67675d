"""Codes that reject: the evidence contradicts itself, its signatures or what the reader holds."""

from __future__ import annotations

from typing import Final

from ledger.core.codes_row import Code, Effect, rows

_AGAIN = "Ask for the bundle again, and compare its SHA-256 with the sender over another channel."
_KEEP = "Do not rely on this evidence. Keep the file as it is: it shows that somebody altered it or erred."
_PROOF = "Keep the file and tell the log's operator and another reader: it shows misbehaviour of the log itself."
_KEYS = "Compare the keys with the trust sheet that you got over another channel."

REJECTED: Final[tuple[Code, ...]] = rows(
    Effect.REJECTED,
    (
        "archive_malformed",
        "The file is not a strict, sorted tar, or its compression is damaged.",
        "each header with the one header that its name and size allow",
        _AGAIN,
    ),
    (
        "archive_limit",
        "The archive is larger, holds more files, checkpoints or reported forks, or inflates further than the limits.",
        "sizes, counts and the ratio of inflation with the reader's limits",
        "Do not unpack it by hand. If its size is expected, raise the limit (--max-bytes); otherwise discard it.",
    ),
    (
        "manifest_file_mismatch",
        "A file, or a number that the manifest states, is not what the bundle holds.",
        "size and SHA-256 of each file, and the stated numbers, with the manifest",
        _KEEP,
    ),
    (
        "manifest_file_extra",
        "The archive holds a file that the manifest does not list.",
        "the names in the archive with those in the manifest",
        _KEEP,
    ),
    (
        "manifest_signature_wrong",
        "The manifest names a delegated export key, and its signature does not verify.",
        "the signature with the export key from the log's own leaves",
        _KEEP,
    ),
    (
        "json_invalid",
        "A document or leaf is not I-JSON (RFC 7493).",
        "the bytes with the rules of I-JSON",
        _AGAIN,
    ),
    (
        "not_canonical",
        "A document or leaf is not in its canonical form (RFC 8785).",
        "the bytes with the canonical form of the value they hold",
        _AGAIN,
    ),
    (
        "leaf_schema",
        "A leaf, or a document of the bundle, has not exactly the fields of its kind.",
        "its fields with the closed schema of its kind",
        _KEEP,
    ),
    (
        "leaf_too_large",
        "A leaf or a line is longer than its kind allows.",
        "its length with the limit",
        _KEEP,
    ),
    (
        "origin_mismatch",
        "Parts of the bundle speak of different logs.",
        "the origin in notes, manifest, leaves and the reader's input",
        _KEEP,
    ),
    (
        "genesis_mismatch",
        "The log's first leaf is not the pinned one, or the manifest names another.",
        "the hash of the genesis leaf with the reader's pin and the manifest",
        _KEYS,
    ),
    (
        "note_malformed",
        "A checkpoint is not a C2SP signed note with a checkpoint text.",
        "the bytes with the form of signed notes",
        _AGAIN,
    ),
    (
        "leaf_index_mismatch",
        "A leaf states another index than the place where it stands.",
        "the index in the leaf with its place in the range",
        _KEEP,
    ),
    (
        "leaf_missing",
        "A leaf of the range, or of the period asked for, is left out.",
        "the indices in the file with the range, and the neighbours with the period",
        _KEEP,
    ),
    (
        "leaf_unexpected",
        "A leaf stands where none belongs: twice, or outside the range.",
        "the indices in the file with the range",
        _KEEP,
    ),
    (
        "chain_broken",
        "A leaf does not name the hash of the leaf before it.",
        "`prev` with the hash of the leaf before",
        _PROOF,
    ),
    (
        "time_reversed",
        "A leaf was recorded earlier than the leaf before it, without a segment leaf.",
        "`recorded` of two neighbouring leaves",
        _PROOF,
    ),
    (
        "range_root_mismatch",
        "The leaves of the range are not those under the signed root.",
        "the root over leaves and range proof with the root of the head",
        _KEEP,
    ),
    (
        "proof_malformed",
        "A proof has a shape that cannot belong to its index and sizes.",
        "the number and length of its hashes with those its sizes demand",
        _AGAIN,
    ),
    (
        "inclusion_invalid",
        "A leaf that was attached is not in the log under the head.",
        "the root over leaf and path with the root of the head",
        _KEEP,
    ),
    (
        "consistency_invalid",
        "An older checkpoint is not shown to be part of the head's log.",
        "both roots over the consistency proof with both checkpoints",
        "Ask the log's operator for a proof between the two sizes; if there is none, treat it as a fork.",
    ),
    (
        "window_mismatch",
        "A window's manifest contradicts its leaves or the windows beside it.",
        "root, count, from, to, number and times with the leaves and the window before",
        _PROOF,
    ),
    (
        "control_chain_broken",
        "The chain of control leaves (keys, policies, pauses) contradicts itself.",
        "`control_prev` of each control leaf with the one before it; keys added and retired with those in force",
        _PROOF,
    ),
    (
        "keys_mismatch",
        "keys.json is not what the log's own leaves say.",
        "keys.json with the history derived from the control leaves",
        _KEEP,
    ),
    (
        "log_signature_wrong",
        "A line by a known log key does not verify.",
        "the signature with the text of the note under the known key",
        _KEEP,
    ),
    (
        "pq_signature_wrong",
        "The post-quantum line of the log does not verify.",
        "the ML-DSA-44 signature with the checkpoint under the known key",
        _KEEP,
    ),
    (
        "key_not_valid_at_size",
        "A checkpoint is signed by a key that the log did not have at that size.",
        "the signing key with the keys that the control leaves give for the size",
        _KEYS,
    ),
    (
        "rotation_unsigned",
        "A key leaf lacks a signature of the old or new key, or a checkpoint lacks a key's line.",
        "the signatures of the key leaf, and the lines of the note, with the keys in force",
        _PROOF,
    ),
    (
        "weak_key",
        "A key of the log is of small order or badly encoded: anyone can forge under it.",
        "the public key with the points of small order",
        "Do not trust this log's keys; ask its operator for a rotation.",
    ),
    (
        "witness_signature_wrong",
        "A cosignature by a witness of the reader's policy does not verify.",
        "the cosignature with the checkpoint under the witness's key",
        _KEEP,
    ),
    (
        "checkpoint_stale",
        "The largest checkpoint is older than the range, the manifest or a remembered head.",
        "the size of the head with the last index, the manifest and the remembered sizes",
        "Ask for a bundle with a current checkpoint; a log that only shows old heads hides what came after.",
    ),
    (
        "receipt_signature_wrong",
        "A receipt's signature does not verify, or its key was not valid at that index.",
        "the signature with the receipt key of the log's own leaves",
        _KEEP,
    ),
    (
        "receipt_mismatch",
        "A receipt speaks of another log, range or time than the leaf at its index.",
        "the fields of the receipt with the leaf and genesis",
        _KEEP,
    ),
    (
        "receipt_contradicted",
        "The log signed a receipt for another leaf than the one that is proved at that index under its own head.",
        "the fields of a validly signed receipt with the proved leaf",
        _PROOF,
    ),
    (
        "receipt_overdue",
        "A witness saw a head that lacked the leaf after the time the receipt promised.",
        "`promised_by` with the time of a cosignature on a checkpoint that does not cover the leaf",
        _PROOF,
    ),
    (
        "payload_digest_mismatch",
        "A disclosed payload is not the one the leaf commits to.",
        "the commitment over salt, media type and bytes with the leaf",
        _KEEP,
    ),
    (
        "attrs_digest_mismatch",
        "Disclosed attributes are not the ones the leaf commits to.",
        "the commitment over salt and bytes with the leaf",
        _KEEP,
    ),
    (
        "anchor_mismatch",
        "A time-stamp token is over other bytes than the kept checkpoint.",
        "the imprint in the token with the checkpoint",
        _KEEP,
    ),
    (
        "anchor_signature_wrong",
        "A time-stamp token's signature does not verify.",
        "the signature with the certificate chain of the reader's roots",
        _KEEP,
    ),
    (
        "anchor_chain_broken",
        "A token is not the one that the log's anchor leaf names.",
        "the digest of the token with the anchor leaf",
        _KEEP,
    ),
    (
        "continues_mismatch",
        "The head at which a log takes over is not the one of the log that it continues.",
        "origin, size and root in genesis with the old log's note, and with heads the reader knows",
        _KEEP,
    ),
    (
        "log_ended",
        "A leaf stands behind the end of its log, which another log continues.",
        "the last leaf that is shown with the closing leaf, and with what trust.json says ended",
        "Take the old log up to its end, and the rest from the log that continues it.",
    ),
    (
        "fork_proven",
        "Two heads that the log signed cannot both be true.",
        "two signed checkpoints of one origin, or one with the proved leaves",
        _PROOF,
    ),
    (
        "decision_invalid",
        "A governance decision does not have the signatures its policy demands.",
        "the raw signatures with the policy and keys in force",
        _PROOF,
    ),
    (
        "timelock_violated",
        "A decision was carried out before its time lock ended.",
        "independent times around the decision with its time lock",
        _PROOF,
    ),
    (
        "time_in_future",
        "A time in the evidence lies ahead of the reader's clock by more than five minutes.",
        "times in leaves, manifest and cosignatures with --now",
        "Check the clock of this machine first; pass the true time with --now.",
    ),
)
