"""Codes that leave the outcome open, codes that only inform, and codes of unusable input."""

from __future__ import annotations

from typing import Final

from ledger.core.codes_row import Code, Effect, rows

_COMPLETE = "Ask for a complete bundle; do not fill the gap by hand."
_KEYS = "Compare the keys with the trust sheet that you got over another channel, then verify again."

INCOMPLETE: Final[tuple[Code, ...]] = rows(
    Effect.INCOMPLETE,
    (
        "file_missing",
        "A file that the manifest lists, or that every bundle needs, is absent.",
        "the manifest and the list of required files with the archive",
        _COMPLETE,
    ),
    (
        "proof_missing",
        "A proof that is needed was not given.",
        "the leaves and notes present with the proofs",
        _COMPLETE,
    ),
    (
        "log_key_unknown",
        "No log key of the reader's policy signed the checkpoint.",
        "the signature lines with the log keys of the policy (name, key ID and full key)",
        _KEYS,
    ),
    (
        "key_retired",
        "The head is signed only by a key that the log has retired.",
        "the signing keys with the keys in force at the head",
        "Ask for a bundle under a head signed by the current key.",
    ),
    (
        "quorum_missing",
        "Too few witnesses of the reader's policy cosigned the head.",
        "the valid cosignatures with the quorum of the policy",
        "Ask for a bundle under a cosigned head, or decide consciously for a policy with a lower quorum.",
    ),
    (
        "pq_signature_missing",
        "trust.json demands a post-quantum line, or the log has an ML-DSA-44 key in force, and a checkpoint has none.",
        "the lines of the checkpoint with the ML-DSA-44 keys of the policy and of the log",
        "Ask for a head with an ML-DSA-44 line.",
    ),
    (
        "manifest_key_unknown",
        "The manifest is signed by a key that the log did not delegate for exports.",
        "the key of the manifest with the export keys of the control leaves",
        "The files may still be genuine: ask the log's operator for a bundle of its own.",
    ),
    (
        "receipt_missing",
        "An event of the range has no receipt though receipts are disclosed.",
        "the event leaves with the receipts",
        _COMPLETE,
    ),
    (
        "receipt_key_unproven",
        "It is not shown that the key of a receipt was delegated, and not retired, at the index it signed for.",
        "the key of the receipt with the history of receipt keys that the control leaves give",
        _COMPLETE,
    ),
    (
        "payload_missing",
        "Disclosed attributes or a payload are absent, and no erasure leaf explains it.",
        "the event leaves with the objects and erasure leaves",
        _COMPLETE,
    ),
    (
        "control_history_missing",
        "The history of keys, policies and pauses is not complete.",
        "the control leaves present with the chain back from the newest manifest",
        _COMPLETE,
    ),
    (
        "anchor_missing",
        "trust.json demands a time anchor and the bundle has none.",
        "the anchors present with trust.json",
        "Ask for a bundle with anchors.",
    ),
    (
        "anchor_untrusted",
        "A token does not lead to a time-stamp root of trust.json.",
        "the certificates of the token with `tsa_roots`",
        "Ask the time-stamp authority for its root certificate.",
    ),
    (
        "anchor_revocation_unknown",
        "Revocation data for a time-stamp certificate is lacking.",
        "the certificates with the revocation data kept",
        "Ask for the revocation data of that time.",
    ),
    (
        "fork_claimed",
        "The bundle reports a fork that its own bytes do not prove.",
        "the evidence in forks/ with the head and the log's keys",
        "Ask whoever claims it for the two signed checkpoints.",
    ),
    (
        "reliance_paused",
        "The log paused reliance on leaves of this range.",
        "the reliance leaves with the range",
        "Ask the log's operator for the reason and the decision that ends the pause.",
    ),
    (
        "hold_violated",
        "Content was erased although a hold covered it.",
        "the erasure leaves with the hold leaves before them",
        "Ask the log's operator who erased it and on whose word; ask for copies from whoever placed the hold.",
    ),
    (
        "decision_unproven",
        "A control leaf names a governance decision that was not proved here.",
        "the `decision` of control leaves with governance/",
        "Ask for a bundle with the decision's own proofs.",
    ),
    (
        "timelock_unproven",
        "No independent time shows that a time lock was kept.",
        "the times of cosignatures and anchors with the time lock",
        "Ask for a bundle with anchors around the decision.",
    ),
    (
        "too_old",
        "The newest independent time is older than trust.json allows.",
        "the newest cosignature or anchor with `max_age` and --now",
        "Ask for a bundle under a fresh head.",
    ),
    (
        "not_evaluated",
        "A check that the outcome needs could not be made, or the verifier failed in it by its own fault.",
        "the checks that ran with head, quorum, range and the demands of trust.json",
        "Read the message: supply what is lacking, or verify where the check can be made.",
    ),
)

_NOTHING = "Nothing; it is told so that nobody is surprised later."

NOTES: Final[tuple[Code, ...]] = rows(
    Effect.NOTE,
    (
        "payload_erased",
        "An object was erased, and an erasure leaf in the log says so.",
        "the absent object with the erasure leaves",
        "Nothing can be proved about the content unless somebody kept bytes and salt.",
    ),
    (
        "payload_kept",
        "An object is in the bundle although an erasure leaf names it.",
        "the disclosed objects with the erasure leaves",
        "Find out whether you may keep it: whoever runs the log has erased it, or is about to.",
    ),
    (
        "held",
        "Leaves of the range are under a hold: nobody erases their content before it is released.",
        "the hold leaves with the range",
        _NOTHING,
    ),
    (
        "source_gap",
        "The log tells of a gap at the source: silence, skipped numbers, or calls that it refused itself.",
        "the gap leaves",
        "Ask the operator of the source what happened then.",
    ),
    (
        "leaf_hash_only",
        "Leaves are shown by their hash alone: covered by the root, not read.",
        "the lines of leaves.ndjson",
        "Ask for the leaves themselves if their content matters to you.",
    ),
    (
        "policy_differs",
        "The log's own witness policy is not the one that you hold.",
        "witnesses, groups and quorum of both policies",
        "Nothing: yours decided. Ask why they differ.",
    ),
    (
        "policy_loosened",
        "The log loosened its own witness policy at some point.",
        "each policy of the control leaves with the one before",
        "Ask for the decision behind the change.",
    ),
    (
        "window_edge",
        "Leaves of the range lie in no window that was compared: it is not all here, still open, or not shown.",
        "the windows with the leaves of the range",
        "Ask for a range that ends at windows if their facts matter to you.",
    ),
    (
        "timelock_proved",
        "Witnesses of your policy show that the time lock of a decision passed.",
        "the cosignatures of a checkpoint that holds the approvals with those inside the execution",
        _NOTHING,
    ),
    (
        "decision_hidden",
        "Leaves of the log of decisions that may change who decides are not opened to you.",
        "the leaves of the log of decisions with the payloads that are here",
        "That none of them took a role, a key or a rule away is the log's word; a whole governance export shows it.",
    ),
    (
        "own_witnesses_only",
        "Every witness that cosigned belongs to the log's own organisation.",
        "the organisations of witnesses and log",
        "Ask for a witness of another organisation.",
    ),
    (
        "receipt_reissued",
        "A receipt was signed later than its leaf, under a key delegated later.",
        "`issued` of the receipt with its index",
        _NOTHING,
    ),
)

INPUT: Final[tuple[Code, ...]] = rows(
    Effect.INPUT,
    (
        "input_unreadable",
        "The file cannot be read.",
        "the path with the file system",
        "Check the path and its permissions.",
    ),
    (
        "policy_invalid",
        "The policy is not a C2SP tlog-policy.",
        "the policy with the grammar",
        "Correct the named line; `log <vkey>` and `quorum none` are the least that is needed.",
    ),
    (
        "trust_invalid",
        "trust.json is not what the documentation describes.",
        "trust.json with its closed schema",
        "Correct the named field, or leave trust.json out.",
    ),
    (
        "arguments",
        "The command line is incomplete or contradicts itself.",
        "the arguments with --help",
        "Read --help.",
    ),
)
