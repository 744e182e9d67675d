"""What is planted in tables: a statement, and the code and place under which it must be found."""

from __future__ import annotations

WORDS = {
    "other": "decode(repeat('ab', 32), 'hex')",
    "faked": "convert_to(replace(convert_from(bytes, 'UTF8'), 't.test', 't.fake'), 'UTF8')",
    "log": "stream_id = (SELECT id FROM ledger_stream WHERE namespace = 'acme')",
    "heads": "stream_id = (SELECT id FROM ledger_stream WHERE name = 'heads')",
}
"""What statements say again and again."""
TABLES: dict[str, tuple[str, str, str]] = {
    "a leaf's bytes": (
        "UPDATE ledger_leaf SET bytes = {faked} WHERE {log} AND index = 100",
        "chain_broken", "leaf 101",
    ),
    "the last leaf's bytes": (
        (
            "UPDATE ledger_leaf SET bytes = convert_to(replace(convert_from(bytes, 'UTF8'), 'request', 'age'), "
            "'UTF8') WHERE {log} AND index = 307"
        ),
        "chain_broken", "head",
    ),
    "a leaf that is no leaf": (
        "UPDATE ledger_leaf SET bytes = '{{}}' WHERE {log} AND index = 100",
        "leaf_schema", "leaf 100",
    ),
    "a leaf that is no JSON": (
        "UPDATE ledger_leaf SET bytes = 'no' WHERE {log} AND index = 100",
        "json_invalid", "leaf 100",
    ),
    "a leaf in another's place": (
        (
            "UPDATE ledger_leaf SET bytes = (SELECT bytes FROM ledger_leaf WHERE {log} AND index = 8) WHERE {log} "
            "AND index = 9"
        ),
        "leaf_index_mismatch", "leaf 9",
    ),
    "a missing leaf": ("DELETE FROM ledger_leaf WHERE {log} AND index = 100", "leaf_missing", "leaf 100"),
    "the missing last leaf": ("DELETE FROM ledger_leaf WHERE {log} AND index = 307", "leaf_missing", "leaf 307"),
    "a leaf behind the end": (
        (
            "INSERT INTO ledger_leaf SELECT stream_id, 999, kind, bytes, hash, recorded, kid, batch, {other} FROM "
            "ledger_leaf WHERE {log} AND index = 5"
        ),
        "leaf_unexpected", "head",
    ),
    "a leaf's hash": (
        "UPDATE ledger_leaf SET hash = {other} WHERE {log} AND index = 7",
        "range_root_mismatch", "leaf 7",
    ),
    "a leaf's kind": (
        "UPDATE ledger_leaf SET kind = 'gap', kid = NULL, lookup = NULL WHERE {log} AND index = 7",
        "leaf_columns_mismatch", "leaf 7",
    ),
    "a manifest's kind": (
        "UPDATE ledger_leaf SET kind = 'event', kid = 'ab', lookup = {other} WHERE {log} AND index = 301",
        "leaf_columns_mismatch", "leaf 301",
    ),
    "a leaf's time": (
        "UPDATE ledger_leaf SET recorded = now() - interval '1 day' WHERE {log} AND index = 7",
        "leaf_columns_mismatch", "leaf 7",
    ),
    "a leaf's key": (
        "UPDATE ledger_leaf SET kid = 'ab' WHERE {log} AND index = 7",
        "leaf_columns_mismatch", "leaf 7",
    ),
    "a leaf's lookup key": (
        "UPDATE ledger_leaf SET lookup = {other} WHERE {log} AND index = 7",
        "leaf_columns_mismatch", "leaf 7",
    ),
    "an object's bytes": (
        "UPDATE ledger_object SET data = '2' WHERE {log} AND index = 5 AND role = 'payload'",
        "payload_digest_mismatch", "payload 5",
    ),
    "an object's salt": (
        "UPDATE ledger_object SET salt = {other} WHERE {log} AND index = 5 AND role = 'attrs'",
        "attrs_digest_mismatch", "attrs 5",
    ),
    "an object's size": (
        "UPDATE ledger_object SET size = 9 WHERE {log} AND index = 5 AND role = 'payload'",
        "payload_digest_mismatch", "payload 5",
    ),
    "an object's media type": (
        "UPDATE ledger_object SET media_type = 'text/plain' WHERE {log} AND index = 5 AND role = 'payload'",
        "payload_digest_mismatch", "payload 5",
    ),
    "another blob's name": (
        "UPDATE ledger_object SET blob = 'blobs/none' WHERE {log} AND index = 302 AND role = 'payload'",
        "payload_missing", "payload 302",
    ),
    "a missing object": (
        "DELETE FROM ledger_object WHERE {log} AND index = 5 AND role = 'attrs'",
        "payload_missing", "attrs 5",
    ),
    "an object of no event": (
        (
            "INSERT INTO ledger_object SELECT stream_id, 301, role, media_type, size, salt, data, blob FROM "
            "ledger_object WHERE {log} AND index = 5 AND role = 'payload'"
        ),
        "payload_digest_mismatch", "payload 301",
    ),
    "a receipt's signature": (
        "UPDATE ledger_receipt SET signature = {other} || {other} WHERE {log} AND index = 7",
        "receipt_signature_wrong", "receipt 7",
    ),
    "a receipt's key": (
        "UPDATE ledger_receipt SET kid = 'ab' WHERE {log} AND index = 7",
        "receipt_signature_wrong", "receipt 7",
    ),
    "a missing receipt": ("DELETE FROM ledger_receipt WHERE {log} AND index = 7", "receipt_missing", "receipt 7"),
    "a receipt of no event": (
        (
            "INSERT INTO ledger_receipt SELECT stream_id, 301, kid, signature FROM ledger_receipt WHERE {log} AND "
            "index = 7"
        ),
        "receipt_mismatch", "receipt 301",
    ),
    "a receipt behind the end": (
        (
            "INSERT INTO ledger_receipt SELECT stream_id, 999, kid, signature FROM ledger_receipt WHERE {log} AND "
            "index = 7"
        ),
        "receipt_mismatch", "head",
    ),
    "a window's root": (
        "UPDATE ledger_window SET root = {other} WHERE {log} AND number = 1",
        "window_mismatch", "leaf 301",
    ),
    "a window's range": (
        "UPDATE ledger_window SET first_index = 1 WHERE {log} AND number = 1",
        "window_mismatch", "leaf 301",
    ),
    "a window's reason": (
        "UPDATE ledger_window SET reason = 'age' WHERE {log} AND number = 1",
        "window_mismatch", "leaf 301",
    ),
    "a window's time": (
        "UPDATE ledger_window SET closed = opened WHERE {log} AND number = 1",
        "window_mismatch", "leaf 301",
    ),
    "a missing window": ("DELETE FROM ledger_window WHERE {log} AND number = 1", "window_mismatch", "leaf 301"),
    "a window of no manifest": (
        (
            "INSERT INTO ledger_window SELECT stream_id, 9, 1, 2, root, opened, closed, reason, 3 FROM "
            "ledger_window WHERE {log} AND number = 1"
        ),
        "window_mismatch", "leaf 3",
    ),
    "a checkpoint of another size": (
        (
            "UPDATE ledger_checkpoint SET note = (SELECT note FROM ledger_checkpoint WHERE {log} AND size = 302) "
            "WHERE {log} AND size = 305"
        ),
        "range_root_mismatch", "checkpoint 305",
    ),
    "a checkpoint's note": (
        (
            "UPDATE ledger_checkpoint SET note = overlay(note placing 'x' from 1 for 1) WHERE {log} AND size = "
            "302"
        ),
        "log_signature_wrong", "checkpoint 302",
    ),
    "a checkpoint's root": (
        "UPDATE ledger_checkpoint SET root = {other} WHERE {log} AND size = 302",
        "range_root_mismatch", "checkpoint 302",
    ),
    "a checkpoint's window": (
        "UPDATE ledger_checkpoint SET window_number = 9 WHERE {log} AND size = 302",
        "window_mismatch", "checkpoint 302",
    ),
    "a missing checkpoint": (
        "DELETE FROM ledger_checkpoint WHERE {log} AND size = 302",
        "file_missing", "checkpoint 302",
    ),
    "the missing newest checkpoint": (
        "DELETE FROM ledger_checkpoint WHERE {log} AND size = 305",
        "file_missing", "checkpoint 305",
    ),
    "a checkpoint behind the end": (
        (
            "INSERT INTO ledger_checkpoint SELECT stream_id, 999, root, note, window_number, signed_at FROM "
            "ledger_checkpoint WHERE {log} AND size = 302"
        ),
        "leaf_missing", "head",
    ),
    "an event's type in the index": (
        "UPDATE ledger_eventindex SET type = 'x' WHERE {log} AND index = 7",
        "index_mismatch", "index 7",
    ),
    "an event's source in the index": (
        "UPDATE ledger_eventindex SET source = 'x' WHERE {log} AND index = 7",
        "index_mismatch", "index 7",
    ),
    "an event's id in the index": (
        "UPDATE ledger_eventindex SET event_id = 'x' WHERE {log} AND index = 7",
        "index_mismatch", "index 7",
    ),
    "an event's subject in the index": (
        "UPDATE ledger_eventindex SET subject = 'x' WHERE {log} AND index = 7",
        "index_mismatch", "index 7",
    ),
    "an event's claimed time in the index": (
        "UPDATE ledger_eventindex SET claimed_time = now() WHERE {log} AND index = 7",
        "index_mismatch", "index 7",
    ),
    "an event's recorded time in the index": (
        "UPDATE ledger_eventindex SET recorded = now() WHERE {log} AND index = 7",
        "index_mismatch", "index 7",
    ),
    "an event missing in the index": (
        "DELETE FROM ledger_eventindex WHERE {log} AND index = 7",
        "index_mismatch", "index 7",
    ),
    "an event that never was in the index": (
        "UPDATE ledger_eventindex SET index = 301 WHERE {log} AND index = 7",
        "index_mismatch", "index 301",
    ),
    "a place in the log of heads": (
        "UPDATE ledger_loggedhead SET index = 9 WHERE {log} AND size = 302",
        "logged_head_mismatch", "checkpoint 302",
    ),
    "a missing place in the log of heads": (
        "DELETE FROM ledger_loggedhead WHERE {log} AND size = 302",
        "logged_head_mismatch", "checkpoint 302",
    ),
    "the prepared root": ("UPDATE ledger_prepared SET root = {other} WHERE {log}", "prepared_mismatch", "prepared"),
    "the prepared text": (
        "UPDATE ledger_prepared SET text = text || 'x' WHERE {log}",
        "prepared_mismatch", "prepared",
    ),
    "the prepared size": ("UPDATE ledger_prepared SET size = 305 WHERE {log}", "prepared_mismatch", "prepared"),
    "the prepared number": ("UPDATE ledger_prepared SET number = 9 WHERE {log}", "prepared_mismatch", "prepared"),
    "the missing prepared row": ("DELETE FROM ledger_prepared WHERE {log}", "prepared_mismatch", "prepared"),
    "the head's size": ("UPDATE ledger_streamhead SET size = 307 WHERE {log}", "leaf_unexpected", "head"),
    "the head's last hash": ("UPDATE ledger_streamhead SET last_hash = {other} WHERE {log}", "chain_broken", "head"),
    "the head's last time": (
        "UPDATE ledger_streamhead SET last_recorded = now() WHERE {log}",
        "head_row_mismatch", "head last_recorded",
    ),
    "the head's control leaf": (
        "UPDATE ledger_streamhead SET control_index = 1 WHERE {log}",
        "head_row_mismatch", "head control_index",
    ),
    "the head's control hash": (
        "UPDATE ledger_streamhead SET control_hash = {other} WHERE {log}",
        "head_row_mismatch", "head control_hash",
    ),
    "the head's key": (
        "UPDATE ledger_streamhead SET receipt_kid = 'ab' WHERE {log}",
        "head_row_mismatch", "head receipt_kid",
    ),
    "the head's window": (
        "UPDATE ledger_streamhead SET window_number = 9 WHERE {log}",
        "head_row_mismatch", "head window_number",
    ),
    "the head's window's begin": (
        "UPDATE ledger_streamhead SET window_from = 9 WHERE {log}",
        "head_row_mismatch", "head window_from",
    ),
    "the head's window's time": (
        "UPDATE ledger_streamhead SET window_opened = now() WHERE {log}",
        "head_row_mismatch", "head window_opened",
    ),
    "the head's open events": (
        "UPDATE ledger_streamhead SET events_open = 9, waiting_since = now() WHERE {log}",
        "head_row_mismatch", "head events_open",
    ),
    "the head's signed size, moved back": (
        "UPDATE ledger_streamhead SET signed_size = 302 WHERE {log}",
        "head_row_mismatch", "head signed_size",
    ),
    "the head's signed size, moved on": (
        "UPDATE ledger_streamhead SET signed_size = 306 WHERE {log}",
        "file_missing", "checkpoint 306",
    ),
    "a remembered request's leaves": (
        "UPDATE ledger_idempotency SET indices = '{{301}}' WHERE {log}",
        "idempotency_mismatch", "key 'once'",
    ),
    "a remembered request's namespace": (
        "UPDATE ledger_idempotency SET namespace = 'other' WHERE {log}",
        "idempotency_mismatch", "key 'once'",
    ),
    "a policy's text": (
        "UPDATE ledger_policytext SET text = text || 'quorum none' WHERE text LIKE '%acme%'",
        "policy_mismatch", "policy {policy}",
    ),
    "a key's validity": (
        "UPDATE ledger_signingkey SET valid_from = 5 WHERE {log} AND use = 'receipt'",
        "keys_mismatch", "key {kid}",
    ),
    "a retired key, valid again": (
        "UPDATE ledger_signingkey SET valid_to = 1000000 WHERE {log} AND use = 'export' AND valid_to IS NOT NULL",
        "keys_mismatch", "key {retired}",
    ),
    "a key in force, retired by no leaf": (
        "UPDATE ledger_signingkey SET valid_to = 1000000 WHERE {log} AND use = 'checkpoint'",
        "keys_mismatch", "key {log_kid}",
    ),
    "a key of nobody, behind the end": (
        (
            "INSERT INTO ledger_signingkey (stream_id, use, alg, kid, public, name, valid_from, valid_to) "
            "SELECT stream_id, use, alg, 'zz', {other}, name, 1000000, 1000001 FROM ledger_signingkey "
            "WHERE {log} AND use = 'receipt'"
        ),
        "keys_mismatch", "key zz",
    ),
    "a key's id": (
        "UPDATE ledger_signingkey SET kid = 'zz' WHERE {log} AND use = 'export' AND valid_to IS NULL",
        "keys_mismatch", "key zz",
    ),
    "a fingerprint": (
        "UPDATE ledger_object SET fingerprint = {other} WHERE {log} AND index = 5 AND role = 'payload'",
        "fingerprint_mismatch", "payload 5",
    ),
    "a fingerprint's key": (
        "UPDATE ledger_object SET fingerprint_key = {other} WHERE {log} AND index = 302 AND role = 'payload'",
        "fingerprint_mismatch", "payload 302",
    ),
    "a missing fingerprint": (
        (
            "UPDATE ledger_object SET fingerprint = NULL, fingerprint_key = NULL WHERE {log} AND index = 5 "
            "AND role = 'payload'"
        ),
        "fingerprint_mismatch", "payload 5",
    ),
    "a stream's lookup key": (
        "UPDATE ledger_stream SET lookup_key = {other} WHERE namespace = 'acme'",
        "stream_row_mismatch", "stream lookup_key",
    ),
    "a stream's merge delay": (
        "UPDATE ledger_stream SET max_merge_delay_s = 1 WHERE namespace = 'acme'",
        "stream_row_mismatch", "stream max_merge_delay_s",
    ),
    "a checkpoint's time, in the future": (
        "UPDATE ledger_checkpoint SET signed_at = now() + interval '1 day' WHERE {log} AND size = 305",
        "signed_at_mismatch", "checkpoint 305",
    ),
    "a checkpoint's time, behind the next window": (
        "UPDATE ledger_checkpoint SET signed_at = now() + interval '1 day' WHERE {log} AND size = 302",
        "signed_at_mismatch", "checkpoint 302",
    ),
    "a checkpoint's time, before its window": (
        "UPDATE ledger_checkpoint SET signed_at = now() - interval '1 day' WHERE {log} AND size = 302",
        "signed_at_mismatch", "checkpoint 302",
    ),
    "a key of nobody": (
        "UPDATE ledger_signingkey SET public = {other} WHERE {log} AND use = 'receipt'",
        "keys_mismatch", "key {kid}",
    ),
}  # fmt: skip
