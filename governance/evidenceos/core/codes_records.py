"""Codes of operator records, epochs, events, the log, canaries and settlements."""

from __future__ import annotations

from typing import Final

from ledger.core.codes_row import Effect, rows

_SIGN_AGAIN: Final = "Have it signed again by the key that it names, over exactly these bytes."
_FIND_OUT: Final = "Find out who wrote this, and keep the file. Put the last good one back by a change."
_ENROL: Final = "Find out whose key it is. If it is to count, add it to the trusted keys by a change of its own."

RECORDS: Final = (
    *rows(
        Effect.REJECTED,
        (
            "oracle_record_field",
            "A field of the record is not what the daemon demands in production.",
            "version, TTL, hashes and attestation with their rules",
            "Have a new record signed with the field corrected.",
        ),
        (
            "oracle_key_unknown",
            "The record is signed by a key that is not trusted; the daemon refuses the whole file.",
            "key_id with trusted_oracle_keys.json",
            _ENROL,
        ),
        (
            "oracle_signature_wrong",
            "The signature is not over this record; the daemon refuses the whole file.",
            "the signature with the record's digest under the key it names",
            _SIGN_AGAIN,
        ),
        (
            "oracle_record_future",
            "The record is dated after now; the daemon refuses the whole file.",
            "updated_at_epoch with the clock, in unix seconds",
            "Compare the clocks, and have the record signed again.",
        ),
        (
            "oracle_record_expired",
            "The record is older than its TTL, which production reads as seconds.",
            "the clock minus updated_at_epoch with ttl_epochs, read as seconds",
            "Have the record signed again; choose a TTL that is long enough read as seconds, too.",
        ),
        (
            "epoch_unsigned",
            "A forced epoch lacks a field of its signature.",
            "the fields of epoch_control.json with those of a signed one",
            _SIGN_AGAIN,
        ),
        (
            "epoch_key_unknown",
            "The epoch is signed by a key that is not trusted.",
            "key_id with trusted_oracle_keys.json",
            _ENROL,
        ),
        (
            "epoch_signature_wrong",
            "The signature is not over this epoch.",
            "the signature with the digest under the key it names",
            _SIGN_AGAIN,
        ),
        (
            "epoch_backwards",
            "The epoch does not go forward; the daemon would follow it back without a word.",
            "forced_epoch with the one in force",
            "Choose a later epoch. Going back is an irregular change of its own, with a reason.",
        ),
        (
            "record_not_newer",
            "What is to replace a record is not newer than it: an old signed file could be played again.",
            "updated_at_epoch with that in force",
            "Have it signed again now.",
        ),
        (
            "event_key_unknown",
            "The event is signed by a key that is not trusted.",
            "key_id with trusted_oracle_keys.json",
            _ENROL,
        ),
        (
            "event_signature_wrong",
            "The signature is not over this event.",
            "the signature with the event's message under the key it names",
            _FIND_OUT,
        ),
        (
            "event_id_mismatch",
            "The event's id is not the hash of what it says.",
            "event_id with the SHA-256 it is made of",
            _FIND_OUT,
        ),
        (
            "event_contract_mismatch",
            "An event of a contract does not repeat what the contract says.",
            "payload, epoch, key and signature of the event with the contract in the store",
            _FIND_OUT,
        ),
        (
            "event_log_torn",
            "The last event has no newline: the next one would be written into its line.",
            "the last byte of the log with a newline",
            "Add the newline before anything is written; upstream would read neither event.",
        ),
        (
            "etl_leaves_mismatch",
            "The stored leaf hashes are not those of the log.",
            "the .leaves file with the hashes of the entries",
            "Find out who wrote there. The daemon makes the file again at its next start.",
        ),
        (
            "etl_entry_unknown",
            "An entry of the log is of no known kind.",
            "the entry with capsules, revocations and incidents",
            "Read the entry; upstream's indexer stops there.",
        ),
        (
            "etl_shorter",
            "The log is shorter than it was, or says something else than before.",
            "the log with the head that was seen before",
            "Do not start the daemon. Compare with a backup, and tell whoever relies on the log.",
        ),
        (
            "canary_invalid",
            "A canary's numbers contradict each other.",
            "barrier and config of the stream with their rules",
            _FIND_OUT,
        ),
        (
            "canary_missing",
            "There is no such stream.",
            "the key of the stream with those in state.json",
            "Name a stream that is there: claim name and holdout, with two colons between them.",
        ),
        (
            "settlement_invalid",
            "A settlement is not what upstream accepts.",
            "version, state and reasons with their rules",
            "Have the proposal written again.",
        ),
        (
            "settlement_key_unknown",
            "A settlement is signed by another key than the expected one.",
            "the signer's key with the expected one",
            _ENROL,
        ),
        (
            "settlement_signature_wrong",
            "The signature is not over this settlement.",
            "the signature with the proposal under the signer's key",
            _SIGN_AGAIN,
        ),
        (
            "key_file_duplicate",
            "Two files of the keyring have the same name before the dot; which one counts is chance.",
            "the names of the keyring's files without their ends",
            "Keep the one that is meant.",
        ),
        (
            "log_key_missing",
            "The seed of the log's new key is not in its place.",
            "keys/<id>.key with the names of the files below keys/",
            "Make the key offline, and put its seed there with the rights 0600; it is never read here.",
        ),
        (
            "drift_differs",
            "A file is not on the disk as the decision names it.",
            "the SHA-256 that is named with that of the file now",
            "Look at the file again, and propose what is there.",
        ),
        (
            "canary_incident_missing",
            "There is no open incident of this reset.",
            "the incident that is named with those that are open",
            "Open an incident first: a canary is reset in one, and in no other case.",
        ),
        (
            "file_unreadable",
            "A file could not be read, so that nothing is known of it.",
            "the file with what the system lets this server read",
            "Give the server the right to read it. A link or a device has no place in a data directory.",
        ),
        (
            "daemon_running",
            "The directory is locked by a daemon, or by one that died.",
            "kernel.lock with an unlocked directory",
            "Stop the daemon. If it died, find out why before the lock is taken away.",
        ),
    ),
)
