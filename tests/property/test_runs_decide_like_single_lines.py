"""Runs of usual leaves and receipts that are made again decide exactly as the readers of single lines do."""

from __future__ import annotations

import io
from collections import Counter
from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pytest

from ledger.core.bundle.layout import LEAVES, RECEIPTS
from ledger.core.trust import Reader
from ledger.core.verify import hash_shelf, leaf_runs, receipt_runs, receipts, verify_bundle
from ledger.core.witness_policy import parse_policy
from ledger.verify_processes import in_processes
from ledger.verify_threads import in_threads
from tests.corpus.cases import NOW, POLICY, own
from tests.corpus.draft import Draft, draft_of
from tests.corpus.keys import LOG, NEW_RECEIPT, RECEIPT
from tests.corpus.log import Log, sample_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.core.types import Hash, JSONObject
    from ledger.core.verify.case import Spread

READER = Reader(parse_policy(POLICY), now=NOW)
TEXTS = (
    b" ", b"\\u0061", b"\\n", "é".encode(), b"\xff", b"1e3", b"9007199254740993", b'"', b"\\", b"0", b"-1", b"A",
    b"2026-02-30T00:00:00.000000Z", b"2026-11-21T24:00:00.000000Z", b"2099-01-01T00:00:00.000000Z", b"null", b"=",
)  # fmt: skip


def report(tar: bytes) -> JSONObject:
    return verify_bundle(io.BytesIO(tar), io.BytesIO(), READER).to_json()


def in_single_lines(tar: bytes, patch: pytest.MonkeyPatch) -> JSONObject:
    with patch.context() as change:
        change.setattr(leaf_runs, "usual_lines", lambda _: None)
        change.setattr(receipts, "quick", lambda *_: None)
        return report(tar)


def other_byte(line: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(line))
    return line[:at] + bytes([line[at] ^ 1 << dice.randrange(8)]) + line[at + 1 :]


def put_in(line: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(line))
    return line[:at] + dice.choice(TEXTS) + line[at + dice.randrange(2) * dice.randrange(30) :]


def swapped(line: bytes, dice: Random) -> bytes:
    members = line[1:-1].split(b",")
    one, two = dice.randrange(len(members)), dice.randrange(len(members))
    members[one], members[two] = members[two], members[one]
    return b"{" + b",".join(members) + b"}"


def other_digit(line: bytes, dice: Random) -> bytes:
    places = [at for at, byte in enumerate(line) if byte in b"0123456789abcdef"]
    at = dice.choice(places)
    return line[:at] + dice.choice(b"0123456789abcdefAF").to_bytes() + line[at + 1 :]


WAYS: tuple[Callable[[bytes, Random], bytes], ...] = (other_byte, put_in, swapped, other_digit)


@cache
def logs() -> tuple[Log, ...]:
    unsealed = Log()
    unsealed.genesis()
    for number in range(40):
        unsealed.event(number, kind=f"kind.{number % 3}")
    unsealed.seal()
    unsealed.events(40, 3)
    unsealed.seal()
    return sample_log(), unsealed


def draft(dice: Random) -> Draft:
    log = dice.choice(logs())
    first = dice.choice((0, 0, 3, 5))
    hidden = (dice.randrange(first, 25),) if dice.random() < 0.2 else ()
    return draft_of(log, first, dice.choice((28, log.size - 1)), hidden=hidden)


def damaged(seed: int) -> bytes:
    """A bundle, rightly signed, in whose leaves or receipts one or two lines are changed, moved, doubled or gone."""
    dice = Random(seed)  # noqa: S311  repeatable damage, no secret

    def change(made: Draft) -> None:
        for _ in range(dice.randint(1, 2)):
            name = dice.choice((LEAVES, RECEIPTS))
            lines = made.lines(name)
            at = dice.randrange(len(lines))
            match dice.randrange(8):
                case 0:
                    lines.insert(at, dice.choice(lines))
                case 1:
                    del lines[at]
                case 2:
                    other = dice.randrange(len(lines))
                    lines[at], lines[other] = lines[other], lines[at]
                case _:
                    lines[at] = dice.choice(WAYS)(lines[at], dice)
            made.put(name, lines)
        if dice.random() < 0.1:
            name = dice.choice((LEAVES, RECEIPTS))
            made.files[name] = made.files[name][:-1]

    return own(draft(dice), change)


@pytest.mark.parametrize("part", range(5))
def test_a_damaged_bundle_has_the_same_problems_in_the_same_order(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    met: Counter[str] = Counter()
    for seed in range(part * 500, part * 500 + 500):
        tar = damaged(seed)
        quickly = report(tar)
        assert quickly == in_single_lines(tar, monkeypatch), seed
        problems = quickly["problems"]
        assert isinstance(problems, list)
        met.update(str(problem["code"]) for problem in problems if isinstance(problem, dict))
    assert met["chain_broken"] > 10
    assert met["receipt_mismatch"] > 5
    assert met["receipt_signature_wrong"] > 1
    assert len(met) >= 10, met


def same(made: Draft, patch: pytest.MonkeyPatch) -> list[str]:
    """The codes of problems that both ways find."""
    tar = made.tar(made.signed_manifest())
    quickly = report(tar)
    assert quickly == in_single_lines(tar, patch)
    problems = quickly["problems"]
    assert isinstance(problems, list)
    return [str(problem["code"]) for problem in problems if isinstance(problem, dict)]


@pytest.mark.parametrize("other", [b"\xff", b"A", b"9", b"0"])
def test_every_byte_of_the_last_leaf_in_a_run_counts(other: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    good = draft_of(logs()[1], 0, 40).lines(LEAVES)
    for at in range(len(good[39])):
        made = draft_of(logs()[1], 0, 40)
        changed = good[39][:at] + other + good[39][at + 1 :]
        made.put(LEAVES, [*good[:39], changed, good[40]])
        assert bool(same(made, monkeypatch)) == (changed != good[39]), at


@pytest.mark.parametrize("other", [b"\xff", b"A", b"/"])
def test_every_byte_of_a_receipt_counts(other: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    good = draft_of(logs()[1], 0, 40).lines(RECEIPTS)
    for at in range(0, len(good[20]), 2):
        made = draft_of(logs()[1], 0, 40)
        changed = good[20][:at] + other + good[20][at + 1 :]
        made.put(RECEIPTS, [*good[:20], changed, *good[21:]])
        assert bool(same(made, monkeypatch)) == (changed != good[20]), at


def test_a_signature_has_one_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    made = draft_of(logs()[1], 0, 40)
    lines = made.lines(RECEIPTS)
    at = lines[20].index(b'=="}]}') - 1
    beside = {b"A": b"B", b"Q": b"R", b"g": b"h", b"w": b"x"}[lines[20][at : at + 1]]
    lines[20] = lines[20][:at] + beside + lines[20][at + 1 :]
    made.put(RECEIPTS, lines)
    assert same(made, monkeypatch)


def test_a_receipt_under_a_key_of_another_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    log.genesis()
    log.events(0, 10)
    log.change_keys([LOG], add=[NEW_RECEIPT.delegated("receipt")], retire=[RECEIPT.delegated("receipt").kid])
    log.receipt_key = NEW_RECEIPT
    log.events(10, 10)
    log.receipts[5] = log.receipt(log.leaves[5], key=NEW_RECEIPT)
    log.receipts[17] = log.receipt(log.leaves[17], key=RECEIPT)
    log.seal()
    assert same(draft_of(log, 0, log.size - 1), monkeypatch).count("receipt_signature_wrong") == 2


@pytest.mark.parametrize("recorded", ["2026-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z"])
@pytest.mark.parametrize("place", [2, 3, 20, 38, 39, 40])
def test_a_time_that_is_rightly_chained_is_refused_all_the_same(
    place: int, recorded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    log.genesis()
    for number in range(1, 41):
        given = {"recorded": recorded} if number == place else {}
        log.event(number, **given)  # type: ignore[arg-type]  # recorded only
    log.seal()
    codes = same(draft_of(log, 0, log.size - 1), monkeypatch)
    assert "time_reversed" in codes
    assert ("time_in_future" in codes) == recorded.startswith("2099")


def test_a_leaf_that_names_another_before_it_needs_a_receipt_that_does_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    log.genesis()
    log.events(0, 20)
    hashes = log.hashes
    wrong = log.event(20, prev=hashes[3])  # type: ignore[arg-type]  # a hash
    log.receipts[wrong.index] = log.receipt(wrong, prev=hashes[-1])
    log.events(21, 20)
    log.seal()
    codes = same(draft_of(log, 0, log.size - 1), monkeypatch)
    assert {"chain_broken", "receipt_contradicted"} <= set(codes), codes


def test_leaves_behind_the_range_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = draft_of(logs()[1], 0, 20)
    made.put(LEAVES, draft_of(logs()[1], 0, 40).lines(LEAVES))
    assert same(made, monkeypatch).count("leaf_unexpected") == 20


def test_older_checkpoints_inside_a_run_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    log = logs()[1]
    for size in (2, 17, 30, 40):
        head = log.note(size, head=log.leaves[3].leaf_hash)
        made = draft_of(log, 0, 41)
        made.files[f"checkpoints/{size:016d}.note"] = head.to_bytes()
        codes = same(made, monkeypatch)
        assert "fork_proven" in codes, codes


@pytest.mark.parametrize(("name", "limit"), [(LEAVES, 65_535), (RECEIPTS, 16_384)])
def test_too_long_a_line_is_told(name: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for length in (limit, limit + 1):
        made = draft_of(logs()[1], 0, 40)
        lines = made.lines(name)
        made.put(name, [*lines[:15], b"x" * length, *lines[15:]])
        assert ("leaf_too_large" in same(made, monkeypatch)) == (length > limit)


def test_good_bundles_are_read_in_runs_and_their_receipts_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = draft_of(logs()[1], 0, logs()[1].size - 1)
    tar = made.tar(made.signed_manifest())
    judged: list[bool] = []
    usual: list[int] = []
    passed, chained = receipt_runs.Quick.passed, leaf_runs.chained

    def told(quick: receipt_runs.Quick, batch: receipt_runs.Batch) -> list[int]:
        places = passed(quick, batch)
        judged.extend(place != receipt_runs.NONE for place in places)
        return places

    monkeypatch.setattr(receipt_runs.Quick, "passed", told)
    monkeypatch.setattr("ledger.core.verify.leaves.chained", _counted(chained, usual))
    assert report(tar)["outcome"] == "verified"
    assert sum(usual) >= 38
    assert sum(judged) == sum(usual)


def _counted(chained: Callable[..., list[Hash] | None], usual: list[int]) -> Callable[..., object]:
    def counted(*given: object) -> object:
        hashes = chained(*given)
        usual.append(len(hashes or ()))
        return hashes

    return counted


@pytest.mark.parametrize("way", [in_threads, in_processes])
@pytest.mark.parametrize("cores", [2, 16])
def test_whoever_judges_and_however_many_nothing_changes(
    way: Spread, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_runs, "BATCH_BYTES", 3000)
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    for seed in range(40):
        tar = damaged(seed)
        spread = verify_bundle(io.BytesIO(tar), io.BytesIO(), READER, spread=way)
        assert spread.to_json() == report(tar), seed


def test_the_hashes_of_a_large_range_lie_in_the_temporary_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for held in (32, 160, 1 << 20):
        monkeypatch.setattr(hash_shelf, "HELD", held)
        for seed in range(60):
            tar, scratch = damaged(seed), io.BytesIO()
            found = verify_bundle(io.BytesIO(tar), scratch, READER).to_json()
            assert found == in_single_lines(tar, monkeypatch), seed
            written = len(scratch.getvalue()) - len(tar)
            assert written > 0 if held == 32 else written >= 0 if held == 160 else written == 0
