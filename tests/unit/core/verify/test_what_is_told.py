"""The report tells what was compared, how often, and what nobody says: never that nothing was in order."""

from __future__ import annotations

from ledger.core.bundle import Disclosure, Period, Population, note_name
from ledger.core.note import Note
from ledger.core.report import Report
from ledger.core.types import JSONObject
from ledger.core.verify.words import in_words
from tests.corpus.cases import NOW, Input, base, own
from tests.corpus.control import decided, paused, sealed
from tests.corpus.draft import draft_of
from tests.corpus.erasures import gap, grown, hold, terms
from tests.corpus.heads import WITNESSED, witnessed
from tests.corpus.keys import WITNESS
from tests.corpus.log import Log, sample_log
from tests.corpus.run import outcome_of
from tests.corpus.singles import receipt
from tests.corpus.windows import three


def judged(data: bytes, **given: object) -> Report:
    return outcome_of(Input(data, **given))  # type: ignore[arg-type]  # fields of Input by name


def claims(report: Report) -> str:
    return "\n".join(report.not_claimed)


def edge(report: Report) -> str:
    (message,) = (note.message for note in report.notes if note.code == "window_edge")
    return message


def with_kinds(*kinds: str) -> bytes:
    """A log with leaves of kinds that this release reads for their number alone."""
    fields: dict[str, JSONObject] = {
        "gap": {"cause": "sequence", "from": "2", "to": "2", "count": 1, "after": 1, "before": 2},
        "anchor": {"form": "rfc3161", "size": 4, "note": "ab" * 32, "token": "cd" * 32},
    }
    log = Log()
    log.genesis()
    log.events(0, 3)
    for kind in kinds:
        log.add(kind, fields[kind])
    log.seal()
    return own(draft_of(log, 0, log.size - 1))


def test_a_step_says_how_many_things_it_compared() -> None:
    report = judged(own(base()))
    assert {name: report.counts[name] for name in ("leaves", "notes", "receipts", "objects", "windows")} == {
        "leaves": 24, "notes": 3, "receipts": 22, "objects": 44, "windows": 1
    }  # fmt: skip
    words = in_words(report)
    assert "number and times its manifest states: 1 window compared\n" in words
    assert "every disclosed object opens the commitment in its leaf: 44 objects compared\n" in words


def test_a_step_that_found_nothing_to_compare_is_told_as_none_and_not_as_checked() -> None:
    report = judged(own(base()))
    assert {"forks", "holds", "reliance", "quorum"} == set(report.none)
    assert not set(report.none) & {*report.checked, *report.failed}
    words = in_words(report)
    assert "  none   no reported fork is in the bundle\n" in words
    assert "  none   no pause of reliance is among the log's control leaves\n" in words
    assert "every reported fork was proved again" not in words


def test_a_pause_that_was_taken_back_is_compared() -> None:
    report = judged(own(sealed(paused(resumed=(2, 4)))))
    assert report.counts["reliance"] == 2
    assert "reliance" in report.checked


def test_a_step_that_compared_nothing_and_found_fault_has_failed() -> None:
    draft = base()
    draft.put("receipts.ndjson", [])
    report = judged(own(draft))
    assert report.counts["receipts"] == 0
    assert "receipts" in {*report.checked} & {*report.failed}


def test_leaves_alone_leave_receipts_and_objects_unchecked() -> None:
    shown = Disclosure(receipts=False, attrs=False, payloads=False)
    report = judged(own(draft_of(sample_log(), 5, 28, disclosed=shown)))
    assert not {"receipts", "objects"} & {*report.checked, *report.none}
    assert "Receipts are not part of this bundle." in report.not_claimed


def test_leaves_that_are_all_hidden_are_not_said_to_be_in_order() -> None:
    draft = draft_of(sample_log(), 5, 8, hidden=(5, 6, 7, 8))
    report = judged(own(draft))
    assert "leaves" in report.none
    assert report.counts["range"] == 4


def test_without_witnesses_the_report_says_that_nobody_independent_vouches() -> None:
    for report in (judged(own(base())), judged(sample_log().notes[34].to_bytes(), kind="checkpoint")):
        assert report.outcome == "verified"
        words = in_words(report)
        assert "the quorum of your policy is met" not in words
        assert "  none   your policy asks for no witness: nobody independent vouches for this head\n" in words
        assert "split view" in claims(report)


def test_with_a_witness_the_quorum_is_met_and_counted() -> None:
    report = judged(witnessed((WITNESS, NOW - 60)), policy=WITNESSED)
    assert report.counts["quorum"] == 1
    assert "  ok     the quorum of your policy is met: 1 witness compared\n" in in_words(report)
    assert "split view" not in claims(report)


def test_a_range_inside_one_window_is_told_though_no_leaf_of_it_is_a_manifest() -> None:
    report = judged(own(draft_of(sample_log(), 13, 16)))
    assert "windows" in report.none
    assert edge(report).startswith("4 of 4 leaves (13 to 16) lie in no window that was compared")


def test_leaves_on_both_sides_of_the_windows_are_told() -> None:
    assert edge(judged(own(base()))).startswith("13 of 24 leaves (5 to 10, 22 to 28) lie in no window")
    assert edge(judged(own(three()))).startswith("1 of 18 leaves (17) lie in no window")
    hidden = judged(own(three(hidden=(11,))))
    assert edge(hidden).startswith("7 of 18 leaves (5 to 10, 17) lie in no window")


def test_decisions_that_leaves_name_are_not_said_to_be_none() -> None:
    told = claims(judged(own(sealed(decided))))
    assert "Governance decisions: 1 leaf names one; not evaluated." in told
    assert "Governance decisions: none asked for" not in told
    assert "Governance decisions: none asked for, none in the bundle." in claims(judged(own(base())))


def test_anchors_and_gaps_that_leaves_tell_of_are_counted() -> None:
    report = judged(with_kinds("gap", "anchor", "anchor"))
    told = claims(report)
    assert "Time anchors: 2 leaves name one; not evaluated." in told
    assert "Completeness at the source: not evaluated; the log declares neither rhythm nor sequence." in told
    assert [note.message for note in report.notes if note.code == "source_gap"] == [
        "Numbers 2 to 2 of a source were skipped: 1 events"
    ]


def test_what_a_log_declares_of_its_source_is_told_with_the_leaf_that_says_so() -> None:
    report = judged(own(grown(terms, gap())))
    told = "the log declares an event at least every 60 s and numbered events of each source since leaf 8"
    assert told in claims(report)
    assert report.counts["completeness"] == 1
    assert "No event came from" in " ".join(note.message for note in report.notes)


def test_a_hold_is_told_by_its_case_and_the_leaves_of_the_range_under_it() -> None:
    report = judged(own(grown(hold((1, 3)))))
    assert [(note.path, note.message) for note in report.notes if note.code == "held"] == [
        ("leaves 1 to 3", "They are held under 'C-7'")
    ]


def test_what_only_the_exporter_says_is_told_as_such() -> None:
    told = claims(judged(own(base(), lambda draft: draft.state(lacking=("payloads of 2 events",), left_out=7))))
    assert "The exporter says that this is lacking: payloads of 2 events." in told
    assert "7 older checkpoints of the range were left out, says the exporter." in told
    assert "What README.txt says" in told


def test_claimed_times_prove_no_boundary() -> None:
    asked, numbers = Period("claimed", None, None), Population(22, 22, 0)
    report = judged(own(draft_of(sample_log(), 5, 28, period=asked, population=numbers)))
    assert report.outcome == "verified"
    assert "period" not in report.checked
    assert "claims have no order" in claims(report)


def test_promises_without_an_independent_time_are_not_claimed_to_be_kept() -> None:
    assert "That promises were kept in time" in claims(judged(own(base())))
    assert "That promises were kept in time" not in claims(judged(witnessed((WITNESS, NOW - 60)), policy=WITNESSED))


def test_a_log_that_continues_another_says_what_was_not_checked() -> None:
    log = Log()
    log.genesis(continues={"origin": "old.example/log/acme/decisions", "size": 7, "root": "ab" * 32})
    log.events(0, 3)
    log.seal()
    assert "continues old.example/log/acme/decisions at 7 leaves; its head is not in the bundle" in claims(
        judged(own(draft_of(log, 0, 4)))
    )


def test_extension_lines_of_a_checkpoint_are_told() -> None:
    def extend(report: Report) -> bool:
        return "extension lines" in claims(report)

    log = sample_log()
    text = log.notes[34].text + "another line\n"
    signed = Note(text, (log.line(text),))
    draft = draft_of(log, 5, 28)
    draft.files[note_name(34)] = signed.to_bytes()
    assert extend(judged(own(draft)))
    assert not extend(judged(own(base())))


def test_a_receipt_without_its_leaf_says_that_only_the_promise_was_read() -> None:
    report = judged(receipt(leaf=None), kind="receipt")
    assert report.outcome == "verified"
    assert "receipt" in report.none
    assert "  none   the leaf is not in the file: only the promise itself was read\n" in in_words(report)
