from __future__ import annotations

import inspect
import re
from pathlib import Path

import governance.identity.errors
import ledger.errors
import ledger.storage.guards.errors
from console.api.operation import problem_of
from console.api.problems import PROBLEMS, ProblemError
from governance.identity.errors import IdentityRefused
from ledger.errors import FatalError, LedgerError, RequestError, StreamStopped, StreamUnknown

API = Path(__file__).resolve().parents[2] / "console" / "api"
OF_THE_VERIFIER = {
    "note_malformed", "proof_malformed", "dsse_malformed", "weak_key", "disproved", "inclusion_invalid",
    "consistency_invalid", "range_root_mismatch", "log_signature_wrong", "witness_signature_wrong",
    "dsse_signature_wrong", "payload_digest_mismatch", "ledger_error",
}  # fmt: skip


OF_A_JOB = {"export_failed", "verification_interrupted"}
OF_THE_COMMANDS = {"key_refused"}


def _classes() -> list[type[LedgerError]]:
    modules = (ledger.errors, governance.identity.errors, ledger.storage.guards.errors)
    found = [one for module in modules for one in vars(module).values()]
    return [one for one in found if inspect.isclass(one) and issubclass(one, LedgerError)]


def test_every_refusal_of_the_ledger_has_its_row_or_is_the_verifiers() -> None:
    codes = {one.code for one in _classes()} - OF_THE_VERIFIER - OF_A_JOB - OF_THE_COMMANDS - {StreamUnknown.code}
    assert codes - PROBLEMS.keys() == set()


def test_every_code_that_the_api_raises_has_its_row() -> None:
    source = "\n".join(path.read_text() for path in API.rglob("*.py"))
    raised = set(re.findall(r'ProblemError\(\s*"(\w+)"', source))
    assert len(raised) > 20
    assert raised - PROBLEMS.keys() == set()


def test_every_row_has_a_status_a_title_and_a_next_step() -> None:
    for row in PROBLEMS.values():
        assert 400 <= row.status <= 599
        assert row.title
        assert row.next.endswith(".")
        assert not row.title.endswith(".")


def test_what_stops_a_stream_is_no_fault_of_the_caller() -> None:
    for one in _classes():
        if issubclass(one, FatalError) and one.code in PROBLEMS:
            assert PROBLEMS[one.code].status == 503
    assert PROBLEMS[StreamStopped.code].status == 503


def test_refusals_keep_their_words_and_path() -> None:
    found = problem_of(RequestError("Refused", why="because", next_step="Do this.", path="$.x"))
    assert (found.code, found.detail, found.next_step, found.path) == (
        "refused", "Refused: because.", "Do this.", "$.x",
    )  # fmt: skip


def test_an_unknown_stream_is_told_in_the_words_of_a_hidden_one() -> None:
    found = problem_of(StreamUnknown("There is no such stream", why="secret/name"))
    assert isinstance(found, ProblemError)
    assert "secret" not in found.detail


def test_identity_refuses_with_codes_of_its_own() -> None:
    assert all(one.code in PROBLEMS for one in _classes() if issubclass(one, IdentityRefused))
