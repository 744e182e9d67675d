"""Keys of a stream change in its own leaves: what was signed before stays valid, and nothing is left unsigned."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.core.note import parse_note, verified
from ledger.core.report import Findings
from ledger.core.verify.keys import check_key_leaf
from ledger.errors import KeyRefused, NotThere
from ledger.models import Receipt, SigningKey
from ledger.selectors import checkpoints, keys
from ledger.selectors.evidence import history_at
from ledger.selectors.streams import StreamView
from ledger.services.keys import destroy, retire, rotate
from ledger.services.seal import seal_window
from ledger.services.verify_store import verify_store
from tests.support.log_audit import audit
from tests.support.streams import append, at_once, event, events, fresh, new_stream

pytestmark = pytest.mark.db
ACTOR = "command:tests"


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    made = new_stream()
    append(made, *events(range(5)))
    return made


def signers(stream: StreamView) -> list[str]:
    """Kids of the keys whose lines stand on the newest checkpoint, under the keys valid at its size."""
    newest = checkpoints.newest(stream)
    assert newest is not None
    note = parse_note(newest.note)
    held = {keys.vkey_of(key): key.kid for key in keys.signing_keys(stream.id, newest.size)}
    assert len(note.signatures) == len(held)
    return [held[vkey] for vkey in verified(note, held)]


def _verified(stream: StreamView) -> bool:
    return verify_store(fresh(stream), "full", lambda _: None).outcome == "verified"


def kid(stream: StreamView, use: str = "checkpoint") -> str:
    return keys.key_in_force(stream.id, use).kid


def seal(stream: StreamView) -> None:
    append(stream, event(f"before seal at {fresh(stream).size}"))
    assert seal_window(stream.id, reason="request") is not None


def test_old_and_new_log_key_sign_until_the_old_one_is_retired(stream: StreamView) -> None:
    seal(stream)
    old = kid(stream)
    assert signers(stream) == [old]
    added = rotate(stream, "checkpoint", actor=ACTOR)
    seal(stream)
    new = kid(stream)
    assert (added.added, signers(stream)) == ((new,), [old, new])
    retire(stream, old, actor=ACTOR)
    seal(stream)
    assert signers(stream) == [new]
    sizes = audit(stream).sizes
    assert len(sizes) == 3
    for size in sizes:
        verified(parse_note(checkpoints.at(stream, size).note), keys.log_vkeys(stream.id, size))


def test_the_leaf_is_signed_by_old_and_new(stream: StreamView) -> None:
    rotate(stream, "checkpoint", actor=ACTOR)
    rotate(stream, "receipt", actor=ACTOR)
    rotate(stream, "export", actor=ACTOR)
    seal(stream)
    found = history_at(stream, fresh(stream).size)
    findings = Findings("bundle")
    for leaf in found.leaves[1:]:
        check_key_leaf(findings, found, leaf)
    assert findings.count == 0
    assert len(found.leaves[1].fields["signatures"]) == 2  # type: ignore[arg-type]  # JSON
    assert [len(span) for span in (found.log_keys, found.keys)] == [2, 4]


def test_receipts_of_all_eras_verify(stream: StreamView) -> None:
    first = kid(stream, "receipt")
    rotate(stream, "receipt", actor=ACTOR)
    append(stream, *events(range(10, 15)))
    second = kid(stream, "receipt")
    seal(stream)
    found = audit(stream)
    assert found.receipts == 11
    assert set(Receipt.objects.values_list("kid", flat=True)) == {first, second}
    assert _verified(stream)


def test_a_second_overlap_is_refused(stream: StreamView) -> None:
    rotate(stream, "checkpoint", actor=ACTOR)
    with pytest.raises(KeyRefused):
        rotate(stream, "checkpoint", actor=ACTOR)
    assert SigningKey.objects.filter(use="checkpoint").count() == 2


def test_the_last_log_key_is_not_retired(stream: StreamView) -> None:
    with pytest.raises(KeyRefused):
        retire(stream, kid(stream), actor=ACTOR)
    with pytest.raises(KeyRefused):
        retire(stream, kid(stream, "receipt"), actor=ACTOR)
    with pytest.raises(NotThere):
        retire(stream, "ab" * 16, actor=ACTOR)
    assert fresh(stream).size == 6


@pytest.mark.parametrize("use", ["receipt", "export"])
def test_a_private_half_stays_until_its_signatures_are_stored(stream: StreamView, use: str) -> None:
    old = kid(stream, use)
    with pytest.raises(KeyRefused):
        destroy(stream, old, actor=ACTOR)
    rotate(stream, use, actor=ACTOR)
    with pytest.raises(KeyRefused):
        destroy(stream, old, actor=ACTOR)
    assert SigningKey.objects.get(kid=old).sealed is not None
    seal(stream)
    destroy(stream, old, actor=ACTOR)
    assert SigningKey.objects.get(kid=old).sealed is None
    assert _verified(stream)


def test_a_destroyed_log_key_leaves_its_checkpoints_valid(stream: StreamView) -> None:
    seal(stream)
    old, size = kid(stream), fresh(stream).signed_size
    rotate(stream, "checkpoint", actor=ACTOR)
    retire(stream, old, actor=ACTOR)
    seal(stream)
    destroy(stream, old, actor=ACTOR)
    seal(stream)
    verified(parse_note(checkpoints.at(stream, size).note), keys.log_vkeys(stream.id, size))
    assert _verified(stream)


def test_a_second_line_by_ml_dsa_is_on_every_checkpoint_while_its_key_is_valid(stream: StreamView) -> None:
    first = kid(stream)
    second = rotate(stream, "checkpoint", alg="ml-dsa-44", actor=ACTOR).added[0]
    seal(stream)
    assert signers(stream) == [first, second]
    retire(stream, second, actor=ACTOR)
    seal(stream)
    assert signers(stream) == [first]
    with pytest.raises(KeyRefused):
        rotate(stream, "receipt", alg="ml-dsa-44", actor=ACTOR)


def told(capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    call_command(*command, "--json")
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_commands_walk_a_rotation(stream: StreamView, capsys: pytest.CaptureFixture[str]) -> None:
    name, old = "acme/decisions", kid(stream)
    dry = told(capsys, "key_rotate", name, "--use", "checkpoint", "--dry-run")
    assert (dry["done"], fresh(stream).size) == (False, 6)
    added = told(capsys, "key_rotate", name, "--use", "checkpoint")
    assert (added["leaf"], len(added["log_keys"])) == (6, 2)
    assert told(capsys, "key_retire", name, old, "--dry-run")["done"] is False
    assert told(capsys, "key_retire", name, old)["retired"] == [old]
    with pytest.raises(CommandError, match="no checkpoint covers leaf 7"):
        call_command("key_destroy", name, old)
    seal(stream)
    assert told(capsys, "key_destroy", name, old, "--dry-run")["done"] is False
    assert told(capsys, "key_destroy", name, old)["done"] is True
    rows = told(capsys, "keys", name)["keys"]
    assert [(row["valid_from"], row["valid_to"], row["private_half"]) for row in rows if row["kid"] == old] == [
        (0, 7, False)
    ]
    call_command("keys", name)
    assert "private half destroyed" in capsys.readouterr().out


def test_keys_rotate_in_the_middle_of_load_and_every_receipt_verifies(stream: StreamView) -> None:
    """Twelve writers, while each use rotates and windows close: no event and no receipt is without its key."""
    first = kid(stream)

    def write(who: int) -> list[tuple[int, str]]:
        done = [append(stream, *events(f"{who}-{round_}-{one}" for one in range(4))) for round_ in range(6)]
        told = [one for result in done for one in result.appended]
        return [(one.index, one.receipt.signatures[0].keyid) for one in told]

    def turn() -> list[tuple[int, str]]:
        rotate(stream, "receipt", actor=ACTOR)
        rotate(stream, "checkpoint", actor=ACTOR)
        seal_window(stream.id, reason="request")
        retire(stream, first, actor=ACTOR)
        rotate(stream, "receipt", actor=ACTOR)
        rotate(stream, "export", actor=ACTOR)
        return []

    writers: list[Callable[[], list[tuple[int, str]]]] = [turn, *(partial(write, who) for who in range(12))]
    done = at_once(writers, 13)
    given = dict(pair for one in done for pair in one.result())
    seal(stream)
    found = audit(stream)
    assert found.receipts == len(given) + 6
    spans = {key.kid: (key.valid_from, key.valid_to) for key in keys.keys_of(stream.id)}
    for index, named in given.items():
        start, stop = spans[named]
        assert start <= index
        assert stop is None or index < stop
    assert len(set(given.values())) >= 2
    assert _verified(stream)
