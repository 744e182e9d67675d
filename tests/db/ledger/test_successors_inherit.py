"""A successor is told no less than the log that it continues; what it lacks is named with what sets it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from ledger.core.note import parse_note, verified
from ledger.core.policy_compare import same_rule
from ledger.core.terms import Terms
from ledger.core.vkey import KeyType, make_vkey
from ledger.core.witness_policy import Policy, parse_policy
from ledger.errors import NotThere, StreamClosed, StreamExists
from ledger.models import SourceWatch
from ledger.selectors import checkpoints
from ledger.selectors.health import policy_in_force
from ledger.selectors.keys import keys_of, log_vkeys
from ledger.selectors.leaves import leaf
from ledger.selectors.notices import terms
from ledger.selectors.streams import StreamView, stream
from ledger.services import inherited, successor
from ledger.services.keys import retire, rotate
from ledger.services.pauses import set_pause
from ledger.services.publicity import set_publicity
from ledger.services.seal import seal_window
from ledger.services.streams import default_policy
from ledger.services.successor import continue_stream
from ledger.services.terms import Change, declare
from ledger.services.verify_store import verify_store
from tests.corpus.keys import Key
from tests.support.failpoints import KilledError, killed
from tests.support.guarded import reconnected
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
ACTOR = "command:tests"
continued = partial(continue_stream, actor=ACTOR, reason="the database was put back")
RECOVERY = Key("recovery").public


def witness(number: int) -> str:
    """A line of a policy."""
    public = Key(f"w{number}").public
    return f"witness w{number} {make_vkey(f'w{number}.example', public, KeyType.COSIGNATURE)}\n"


RULE = f"# agreed in June\n{witness(1)}{witness(2)}group g 2 w1 w2\nquorum g\n"


def old_stream(**options: Any) -> StreamView:
    made = new_stream(**options)
    append(made, *events(range(3)))
    seal_window(made.id, reason="request")
    return fresh(made)


def policy_of(made: StreamView) -> Policy:
    return parse_policy(policy_in_force(made).encode())


def next_of(old: StreamView, **more: Any) -> StreamView:
    new = continued(old, "decisions-2", **more).new
    assert new is not None
    return new


@pytest.mark.parametrize("chosen", ["refuse", "pending"])
def test_what_becomes_of_events_without_a_receipt_is_as_it_was(ledger_db: object, chosen: str) -> None:
    assert next_of(old_stream(without_receipt=chosen)).without_receipt == chosen


def test_a_closed_stream_says_so_also_where_it_takes_nothing_without_a_receipt(ledger_db: object) -> None:
    old = old_stream(without_receipt="refuse")
    next_of(old)
    set_pause(fresh(old), paused=True, reason="a test", actor=ACTOR)
    with pytest.raises(StreamClosed, match="decisions-2"):
        append(fresh(old), event("late"))


def test_a_second_line_goes_on(ledger_db: object) -> None:
    new = next_of(old_stream(post_quantum=True))
    append(new, event("a"))
    assert seal_window(new.id, reason="request") is not None
    newest = checkpoints.newest(fresh(new))
    assert newest is not None
    assert len(verified(parse_note(newest.note), log_vkeys(new.id, newest.size))) == 2


def test_a_second_line_that_was_added_later_goes_on_and_one_that_was_retired_does_not(ledger_db: object) -> None:
    old = old_stream()
    second = rotate(old, "checkpoint", alg="ml-dsa-44", actor=ACTOR).added[0]
    new = next_of(old)
    assert [key.alg for key in keys_of(new.id) if key.use == "checkpoint"] == ["ed25519", "ml-dsa-44"]
    other = new_stream("other", post_quantum=True)
    append(other, event("a"))
    retire(other, next(key.kid for key in keys_of(other.id) if key.alg == "ml-dsa-44"), actor=ACTOR)
    assert second in {key.kid for key in keys_of(old.id)}
    last = continued(fresh(other), "other-2").new
    assert last is not None
    assert {key.alg for key in keys_of(last.id)} == {"ed25519"}


def test_witnesses_and_quorum_are_those_of_the_old_log_and_the_log_key_is_the_new_ones(ledger_db: object) -> None:
    old = old_stream(rule=RULE)
    new = next_of(old)
    assert policy_in_force(new) == default_policy(new.origin, log_vkeys(new.id)[0].public, RULE)
    assert policy_of(new).logs == tuple(log_vkeys(new.id))
    assert policy_of(new).quorum == "g"
    assert same_rule(policy_of(old), policy_of(new))
    assert leaf(new, 0).parsed.fields["policy"] == policy_of(new).digest().hex()


def test_a_policy_without_a_line_for_the_log_is_carried_over_too(ledger_db: object) -> None:
    new = next_of(old_stream(policy=RULE))
    assert policy_in_force(new).endswith(RULE)
    assert policy_of(new).logs == tuple(log_vkeys(new.id))


def test_a_policy_that_is_given_stands_as_it_is(ledger_db: object, tmp_path: Path) -> None:
    old_stream(rule=RULE)
    file = tmp_path / "policy"
    file.write_text(f"{witness(3)}quorum w3\n")
    call_command("stream_continue", "acme/decisions", "decisions-2", "--reason", "x", "--policy", str(file))
    assert policy_in_force(stream("acme", "decisions-2")) == file.read_text()


def test_a_policy_that_cannot_be_read_closes_nothing(ledger_db: object, monkeypatch: pytest.MonkeyPatch) -> None:
    old = old_stream(rule=RULE)

    def gone(_: StreamView) -> str:
        raise NotThere("The text of the policy is not stored")

    monkeypatch.setattr(inherited, "policy_in_force", gone)
    with pytest.raises(NotThere, match="policy of the old log"):
        continued(old, "decisions-2")
    assert fresh(old).successor is None


def test_retention_rhythm_and_sequence_are_declared_anew(ledger_db: object) -> None:
    old = old_stream()
    declare(old, Change(30, 180, 300, True), reason="R-4", by=ACTOR)
    new = next_of(fresh(old))
    assert terms(new) == Terms(30, 180, 300, True, index=1)
    told = leaf(new, 1).parsed
    assert (told.kind, told.fields["reason"]) == ("terms", f"as in {old.origin}, which this log continues")
    assert SourceWatch.objects.filter(stream_id=new.id).exists()
    assert verify_store(fresh(new), "full", lambda _: None).outcome == "verified"


def test_a_log_that_declares_nothing_any_more_passes_nothing_on(ledger_db: object) -> None:
    old = old_stream()
    declare(old, Change(payload_days=180), reason="R-4", by=ACTOR)
    declare(old, Change(payload_days=None), reason="R-5", by=ACTOR)
    assert next_of(fresh(old)).size == 1


def test_killed_before_its_terms_it_gets_them_and_what_was_declared_since_stays(
    ledger_db: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = old_stream()
    declare(old, Change(payload_days=180), reason="R-4", by=ACTOR)
    with monkeypatch.context() as dead:
        dead.setattr(successor, "carry_terms", lambda *_: killed())
        with pytest.raises(KilledError):
            continued(fresh(old), "decisions-2")
    reconnected()
    new = next_of(fresh(old))
    assert terms(new).payload_days == 180
    declare(new, Change(payload_days=90), reason="R-6", by=ACTOR)
    assert terms(next_of(fresh(old))).payload_days == 90


def test_what_is_not_carried_over_is_named_with_what_sets_it(
    ledger_db: object, capsys: pytest.CaptureFixture[str]
) -> None:
    old = old_stream(recovery_key=RECOVERY)
    with transaction.atomic():
        set_publicity(old, tiles=True, entries=True)
    asked = ["stream_continue", "acme/decisions", "decisions-2", "--reason", "x", "--json"]
    call_command(*asked, "--dry-run")
    before = json.loads(capsys.readouterr().out)["not_carried"]
    call_command(*asked)
    after = json.loads(capsys.readouterr().out)["not_carried"]
    assert before == after
    assert ["--recovery-key" in after[0], "stream_publish acme/decisions-2 --tiles on --entries on" in after[1]] == [
        True,
        True,
    ]
    with transaction.atomic():
        set_publicity(stream("acme", "decisions-2"), tiles=True, entries=True)
    call_command(*asked[:-1])
    assert capsys.readouterr().out.count("Not carried over: ") == 1


def test_nothing_is_named_where_nothing_is_lacking(ledger_db: object) -> None:
    assert continued(old_stream(rule=RULE, post_quantum=True), "decisions-2").not_carried == ()


def test_terms_that_cannot_be_read_are_named_and_the_way_out_stays_open(
    ledger_db: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = old_stream()

    def gone(_: StreamView) -> Terms:
        raise NotThere("The stream has no leaf at this index")

    monkeypatch.setattr(inherited, "terms", gone)
    found = continued(old, "decisions-2")
    assert ["retention_set acme/decisions-2" in words for words in found.not_carried] == [True]


def test_a_name_that_another_log_has_closes_nothing(ledger_db: object) -> None:
    old, other = old_stream(), new_stream("other")
    for name in ("other", "decisions"):
        with pytest.raises(StreamExists):
            continued(old, name)
    assert (fresh(old).successor, fresh(old).size, fresh(other).size) == (None, old.size, 1)
    with pytest.raises(CommandError, match="taken"):
        call_command("stream_continue", "acme/decisions", "other", "--reason", "x", "--dry-run")
