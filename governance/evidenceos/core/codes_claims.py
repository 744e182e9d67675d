"""Codes of a claim that is verified offline: capsule, inclusion, tree head and revocations."""

from __future__ import annotations

from typing import Final

from ledger.core.codes_row import Effect, rows

_DO_NOT_RELY: Final = (
    "Do not rely on this claim. Keep the files as they are: they show that somebody altered them or erred."
)
_ASK: Final = "Ask the daemon's operator for it, and for the key over another channel."

CLAIMS: Final = (
    *rows(
        Effect.REJECTED,
        (
            "capsule_schema",
            "What is shown is no claim capsule.",
            "the schema with evidenceos.v2.claim_capsule",
            _DO_NOT_RELY,
        ),
        (
            "capsule_hash_mismatch",
            "The capsule is not the one whose hash is stated.",
            "the SHA-256 of the capsule's bytes with the stated hash",
            _DO_NOT_RELY,
        ),
        (
            "capsule_mismatch",
            "The capsule is of another claim than the one asked for.",
            "claim_id_hex with the claim that was named",
            _DO_NOT_RELY,
        ),
        (
            "etl_leaf_mismatch",
            "The proof is for another entry than the capsule.",
            "the leaf hash of the capsule's bytes with the proof's",
            _DO_NOT_RELY,
        ),
        (
            "etl_place_mismatch",
            "Parts of the answer name different places or sizes of the log.",
            "index, size and root wherever the answer states them",
            _DO_NOT_RELY,
        ),
        (
            "etl_inclusion_invalid",
            "The capsule is not in the log under the tree head.",
            "the root over leaf and path with the head's",
            _DO_NOT_RELY,
        ),
        (
            "etl_consistency_invalid",
            "An earlier head is not part of the log under the tree head.",
            "both roots over the path with both heads",
            _DO_NOT_RELY,
        ),
        (
            "tree_head_signature_wrong",
            "The tree head is not signed by the key that it names.",
            "the signature with size and root under the known key",
            _DO_NOT_RELY,
        ),
        (
            "revocations_signature_wrong",
            "The list of revocations is not signed by the key that it names.",
            "the signature with entries and tree head under the known key",
            _DO_NOT_RELY,
        ),
        (
            "claim_revoked",
            "The claim was revoked.",
            "the capsule's hash with the entries of the list",
            "Do not rely on this claim. The reason stands in the list.",
        ),
        (
            "claim_tainted",
            "The claim rests on one that was revoked.",
            "the hashes of its dependencies with the entries of the list",
            "Do not rely on this claim before it was made again without the revoked one.",
        ),
        (
            "capsule_contract_mismatch",
            "The capsule names another contract than the one that is shown.",
            "id, resolution hash and kind of e-process in the capsule with the contract",
            _DO_NOT_RELY,
        ),
        (
            "tree_heads_differ",
            "Two signed heads of one size have different roots: the log was told differently to different people.",
            "the roots of heads of one size",
            "Keep both heads, and tell whoever relies on this log: together they prove it.",
        ),
    ),
    *rows(
        Effect.INCOMPLETE,
        (
            "tree_head_key_unknown",
            "The tree head is signed by a key that you did not name as trusted.",
            "the head's key id with the keys that you gave",
            _ASK,
        ),
        ("tree_head_missing", "There is no signed tree head.", "the answer with its parts", _ASK),
        ("inclusion_missing", "There is no proof that the capsule is in the log.", "the answer with its parts", _ASK),
        (
            "revocations_missing",
            "There is no list of revocations: whether the claim was revoked is not known.",
            "the files with the parts of a claim",
            _ASK,
        ),
        (
            "revocations_key_unknown",
            "The list of revocations is signed by a key that you did not name as trusted.",
            "the list's key id with the keys that you gave",
            _ASK,
        ),
        (
            "revocations_head_missing",
            "The list of revocations does not say at which head it was made, and is not of the capsule's.",
            "the signature with the entries under the capsule's head",
            "Ask for the list as WatchRevocations sends it, which carries its head.",
        ),
        (
            "revocations_older",
            "The list of revocations is older than the capsule's tree head.",
            "the size of the list's head with the capsule's",
            "Ask for a list that is at least as new.",
        ),
        (
            "dependencies_unknown",
            "The claim rests on others whose own dependencies are not shown.",
            "the hashes of its dependencies with the capsules that are shown",
            "Verify those claims, too; a revocation further away taints this one as well.",
        ),
        (
            "step_missing",
            "A step that the verdict needs could not be carried out.",
            "the steps with those that are required",
            "Read the problems beside it: they say what is missing.",
        ),
    ),
)
