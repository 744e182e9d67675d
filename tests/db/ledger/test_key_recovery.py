"""A lost log key: the recovery key of genesis brings a new one, and the log goes on; without one it cannot."""

from __future__ import annotations

import base64
import io
import json
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from nacl.signing import SigningKey as Ed25519

from ledger.core.note import VKey
from ledger.core.trust import Reader
from ledger.core.verify import verify_bundle
from ledger.core.witness_policy import parse_policy
from ledger.errors import KeyRefused, KeyUnusable, LedgerError, WeakKey
from ledger.models import Prepared, Receipt, SigningKey
from ledger.selectors import keys
from ledger.selectors.streams import StreamView
from ledger.services import seal as sealing
from ledger.services.key_recovery import apply, propose
from ledger.services.keys import rotate
from ledger.services.seal import seal_window
from ledger.services.verify_store import verify_store
from ledger.storage import signer
from tests.support.failpoints import KilledError, killed
from tests.support.guarded import reconnected
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
RECOVERY = Ed25519(bytes([9]) * 32)
ACTOR = "command:tests"


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    made = new_stream(recovery_key=bytes(RECOVERY.verify_key))
    append(made, *events(range(4)))
    seal_window(made.id, reason="request")
    return made


@pytest.fixture
def lose(stream: StreamView, owner_connection: psycopg.Connection[Any]) -> Any:
    """Make the private halves of some uses unreadable for ever."""

    def lost(*uses: str) -> list[VKey]:
        old = keys.log_vkeys(stream.id)
        owner_connection.execute("SET countersign.reseal = 'on'")
        owner_connection.execute(
            "UPDATE ledger_signingkey SET sealed = set_byte(sealed, 40, 1 - get_byte(sealed, 40) / 255) "
            "WHERE stream_id = %s AND use = ANY(%s)",
            [stream.id, list(uses)],
        )
        keys.forget()
        signer._open.cache_clear()
        return old

    return lost


def signature(proposal: bytes, key: Ed25519 = RECOVERY) -> bytes:
    return key.sign(base64.b64decode(json.loads(proposal)["message"])).signature


def verified(stream: StreamView, tmp_path: Path, logs: list[VKey]) -> tuple[str, set[str]]:
    target = tmp_path / "bundle.tar.gz"
    call_command("bundle_export", "acme/decisions", "--out", str(target))
    policy = "".join(f"log {vkey}\n" for vkey in logs) + "quorum none\n"
    report = verify_bundle(io.BytesIO(target.read_bytes()), io.BytesIO(), Reader(parse_policy(policy.encode())))
    return report.outcome, {problem.code for problem in report.problems} | {note.code for note in report.notes}


def test_a_lost_log_key_is_replaced(stream: StreamView, lose: Any, tmp_path: Path) -> None:
    append(stream, event("before the loss"))
    old = lose("checkpoint")
    with pytest.raises(KeyUnusable):
        seal_window(stream.id, reason="request")
    assert Prepared.objects.exists(), "a text that the lost key alone could sign"
    proposal = propose(stream)
    changed = apply(stream, proposal, signature(proposal), actor=ACTOR)
    assert len(changed.added) == len(changed.retired) == 1
    append(stream, event("after"))
    assert seal_window(stream.id, reason="request") is not None
    assert verified(stream, tmp_path, [*old, *keys.log_vkeys(stream.id)]) == ("verified", {"window_edge"})
    assert verify_store(fresh(stream), "full", lambda _: None).outcome == "verified"


def test_lost_receipt_keys_leave_their_receipts_to_the_next(stream: StreamView, lose: Any, tmp_path: Path) -> None:
    append(stream, event("not receipted in store"))
    old = lose("checkpoint", "receipt", "export")
    proposal = propose(stream)
    changed = apply(stream, proposal, signature(proposal), actor=ACTOR)
    assert len(changed.added) == len(changed.retired) == 3
    assert seal_window(stream.id, reason="request") is not None
    row = Receipt.objects.order_by("-index")[0]
    assert (row.issued, row.kid) == (changed.index, keys.key_in_force(stream.id, "receipt").kid)
    outcome, codes = verified(stream, tmp_path, [*old, *keys.log_vkeys(stream.id)])
    assert (outcome, "receipt_reissued" in codes) == ("verified", True)
    assert verify_store(fresh(stream), "full", lambda _: None).outcome == "verified"


def test_a_lost_receipt_key_alone_is_rotated(stream: StreamView, lose: Any) -> None:
    append(stream, event("waits"))
    lose("receipt")
    with pytest.raises(KeyRefused, match="a key that signs"):
        propose(stream)
    rotate(stream, "receipt", actor=ACTOR)
    assert seal_window(stream.id, reason="request") is not None
    assert Receipt.objects.filter(issued__isnull=False).count() == 1


def test_the_wrong_key_and_an_altered_proposal_are_refused(stream: StreamView, lose: Any) -> None:
    lose("checkpoint")
    proposal = propose(stream)
    with pytest.raises(KeyRefused, match="not the recovery key's"):
        apply(stream, proposal, signature(proposal, Ed25519(bytes([8]) * 32)), actor=ACTOR)
    value = json.loads(proposal)
    value["retire"] = []
    other = value | {"add": [value["add"][0] | {"public": base64.b64encode(os.urandom(32)).decode()}]}
    for altered in (value, other | {"retire": json.loads(proposal)["retire"]}):
        with pytest.raises(LedgerError):
            apply(stream, json.dumps(altered).encode(), signature(proposal), actor=ACTOR)
    assert SigningKey.objects.filter(stream_id=stream.id).count() == 3


def test_killed_before_or_behind_the_leaf_it_is_applied_once(
    stream: StreamView, lose: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose("checkpoint")
    proposal = propose(stream)
    for place in ("_change_rows", "tell"):
        with monkeypatch.context() as dead:
            dead.setattr(f"ledger.services.key_leaf.{place}", lambda *_: killed())
            with pytest.raises(KilledError):
                apply(stream, proposal, signature(proposal), actor=ACTOR)
        reconnected()
    keys.forget()
    with pytest.raises(KeyRefused):
        apply(fresh(stream), proposal, signature(proposal), actor=ACTOR)
    assert seal_window(stream.id, reason="request") is not None
    assert [row.valid_to for row in SigningKey.objects.filter(use="checkpoint").order_by("pk")] == [6, None]


def test_without_a_recovery_key_only_a_successor_helps(ledger_db: object) -> None:
    with pytest.raises(KeyRefused, match="without a recovery key"):
        propose(new_stream())
    with pytest.raises(WeakKey):
        new_stream("weak", recovery_key=bytes(32))


def test_the_command_walks_both_steps(
    stream: StreamView, lose: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lose("checkpoint")
    file = tmp_path / "recovery.json"
    call_command("key_recover", "acme/decisions", "--propose", str(file))
    assert "Sign these bytes" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("key_recover", "acme/decisions")
    signed = base64.b64encode(signature(file.read_bytes())).decode()
    call_command("key_recover", "acme/decisions", "--proposal", str(file), "--signature", signed)
    assert "The log signs with" in capsys.readouterr().out
    assert seal_window(stream.id, reason="request") is not None


def test_a_rotation_that_is_killed_leaves_all_or_nothing(stream: StreamView, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, rows in (("_placed", 1), ("_change_rows", 1), ("tell", 2)):
        with monkeypatch.context() as dead:
            dead.setattr(f"ledger.services.key_leaf.{place}", lambda *_: killed())
            with pytest.raises(KilledError):
                rotate(stream, "checkpoint", actor=ACTOR)
        reconnected()
        keys.forget()
        append(stream, event(f"behind {place}"))
        assert seal_window(stream.id, reason="request") is not None
        assert len(keys.log_vkeys(stream.id)) == rows
    assert verify_store(fresh(stream), "full", lambda _: None).outcome == "verified"
    assert sealing.due_streams() == []
