"""The ledger's commands: what they do, say, and exit with."""

from __future__ import annotations

import gzip
import json
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.db import connection

from ledger.models import StreamHead
from ledger.selectors import leaves, streams
from tests.support.log_audit import audit
from tests.support.streams import fresh, new_stream

pytestmark = pytest.mark.db

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
COMMANDS = ("stream_create", "ledger_import", "window_seal", "ledger_verify")


def run(name: str, *args: object, as_json: bool = True, **options: object) -> Any:
    out = StringIO()
    call_command(name, *map(str, args), *(["--json"] if as_json else []), stdout=out, **options)
    return json.loads(out.getvalue()) if as_json else out.getvalue()


def lines_file(place: Path, lines: list[object]) -> Path:
    place.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return place


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example(name: str) -> None:
    text = load_command_class("ledger", name).create_parser("manage.py", name).format_help()
    assert f"Example:\n  ./manage.py {name} acme/" in text
    assert "--json" in text


@pytest.mark.parametrize("name", ["window_seal", "ledger_import", "ledger_verify"])
def test_a_refusal_is_one_line_with_a_next_step(name: str, tmp_path: Path) -> None:
    more = [str(lines_file(tmp_path / "f", []))] if name == "ledger_import" else []
    with pytest.raises(CommandError) as refused:
        call_command(name, "acme/nothing", *more)
    assert refused.value.returncode == 1
    told = "There is no such stream: acme/nothing. Next: Check namespace and name, or create the stream."
    assert str(refused.value) == told


def test_with_json_a_refusal_is_json_and_exits_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("window_seal", "acme/nothing", "--json", stdout=out)
    assert refused.value.returncode == 1
    assert json.loads(out.getvalue()) == {
        "code": "stream_unknown", "what": "There is no such stream", "why": "acme/nothing",
        "next": "Check namespace and name, or create the stream.",
    }  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        load_command_class("ledger", "window_seal").run_from_argv(["manage.py", "window_seal", "--json"])
    assert ended.value.code == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["code"], told.keys()) == ("arguments_invalid", {"code", "what", "why", "next"})


def test_a_stream_is_created_with_its_choices() -> None:
    told = run("stream_create", "acme/decisions", "--profile-mode", "warn", "--window-count", "7")
    made = streams.stream("acme", "decisions")
    assert (told["origin"], told["log"]) == (made.origin, made.log.hex())
    assert told["vkey"].startswith(f"{made.origin}+")
    assert (made.profile_mode, made.window_count) == ("warn", 7)


def test_what_cannot_be_created_is_refused(tmp_path: Path) -> None:
    for args in (
        ["acme"], ["acme/A"], ["acme/a", "--recovery-key", "AAAA"], ["acme/a", "--recovery-key", "?"],
        ["acme/a", "--policy", str(tmp_path / "missing")],
    ):  # fmt: skip
        with pytest.raises(CommandError) as refused:
            call_command("stream_create", *args)
        assert refused.value.returncode == 1
    assert streams.streams_in({"acme"}) == []


def test_a_window_is_sealed_by_hand() -> None:
    stream = new_stream()
    told = run("window_seal", "acme/decisions")
    assert (told["sealed"], told["window"], told["size"]) == (True, 1, 2)
    assert "nothing was sealed" in run("window_seal", "acme/decisions", as_json=False)
    assert audit(stream).sizes == [2]


def test_a_stopped_stream_is_not_sealed() -> None:
    stream = new_stream()
    StreamHead.objects.filter(pk=stream.id).update(stopped="integrity")
    with pytest.raises(CommandError, match=r"The stream is stopped: code integrity\. Next: "):
        call_command("window_seal", "acme/decisions")


def test_lost_integrity_exits_with_two() -> None:
    stream = new_stream()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_streamhead SET last_hash = sha256('other')")
    with pytest.raises(CommandError) as stopped:
        call_command("window_seal", "acme/decisions")
    assert (stopped.value.returncode, fresh(stream).stopped) == (2, "integrity")


def test_plain_lines_are_imported_once(tmp_path: Path) -> None:
    stream = new_stream()
    file = lines_file(tmp_path / "f.ndjson", [{"type": "t", "payload": n} for n in range(2_500)])
    first = run("ledger_import", "acme/decisions", file)
    assert (first["lines"], first["appended"], first["replayed"], first["size"]) == (2_500, 2_500, 0, 2_501)
    again = run("ledger_import", "acme/decisions", file)
    assert (again["appended"], again["replayed"], again["size"]) == (0, 2_500, 2_501)
    assert leaves.event(fresh(stream), 1).attrs == {
        "id": "1-" + sha256(b'{"type": "t", "payload": 0}').hexdigest()[:32],
        "source": "urn:file:f.ndjson",
    }
    assert len(audit(stream).leaves) == 2_501


def test_equal_lines_are_events_of_their_own(tmp_path: Path) -> None:
    new_stream()
    file = lines_file(tmp_path / "f", [{"type": "t", "payload": 1}] * 3)
    assert run("ledger_import", "acme/decisions", file)["appended"] == 3


def test_an_interrupted_import_is_resumed(tmp_path: Path) -> None:
    stream = new_stream()
    lines: list[object] = [{"type": "t", "payload": n} for n in range(1_500)]
    file = lines_file(tmp_path / "f", [*lines[:1_200], {"payload": 1}])
    with pytest.raises(CommandError, match=r"at line 1201: \$\.type"):
        call_command("ledger_import", "acme/decisions", str(file), "--json")
    assert fresh(stream).size == 1_201
    told = run("ledger_import", "acme/decisions", lines_file(tmp_path / "f", lines))
    assert (told["appended"], told["replayed"]) == (300, 1_200)


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    new_stream()
    (tmp_path / "f").write_bytes(b'{"type":"t","payload":1}\n\n{"type":"t","payload":NaN}\n')
    with pytest.raises(CommandError, match=r"line 3: \$"):
        call_command("ledger_import", "acme/decisions", str(tmp_path / "f"), "--json")


def test_packed_lines_and_bare_payloads_are_read(tmp_path: Path) -> None:
    stream = new_stream()
    file = tmp_path / "f.gz"
    file.write_bytes(gzip.compress(b'{"a":1}\n[2]\n', mtime=0))
    assert run("ledger_import", "acme/decisions", file, "--type", "acme.thing")["appended"] == 2
    assert [row.type for row in leaves.events_in(stream)] == ["acme.thing", "acme.thing"]
    assert leaves.event(stream, 1).payload == b'{"a":1}'


@pytest.mark.parametrize("content", [gzip.compress(b'{"a":1}\n' * 99, mtime=0)[:-9], b"\x1f\x8bnot packed"])
def test_a_torn_file_is_refused(tmp_path: Path, content: bytes) -> None:
    new_stream()
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(CommandError, match="not whole"):
        call_command("ledger_import", "acme/decisions", str(tmp_path / "f"), "--type", "t")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    new_stream()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("ledger_import", "acme/decisions", str(tmp_path / "missing"))


def test_cloudevents_are_read(tmp_path: Path) -> None:
    stream = new_stream()
    given = {
        "specversion": "1.0",
        "id": "e",
        "source": "urn:s",
        "type": "t",
        "data": {"b": 1, "a": 2},
        "own": "x",
    }
    run("ledger_import", "acme/decisions", lines_file(tmp_path / "f", [given]), "--format", "cloudevents")
    found = leaves.event(stream, 1)
    assert (found.attrs, found.payload) == ({"id": "e", "source": "urn:s", "own": "x"}, b'{"a":2,"b":1}')


def test_github_deliveries_are_read(tmp_path: Path) -> None:
    stream = new_stream()
    payload = {"action": "opened", "repository": {"full_name": "acme/site"}}
    lines: list[object] = [
        {"event": "issues", "file": "i.json", "payload": payload},
        {"event": "ping", "payload": {}},
    ]
    run("ledger_import", "acme/decisions", lines_file(tmp_path / "f", lines), "--format", "github")
    first, second = leaves.events_in(stream)
    assert (first.type, first.event_id, first.source, first.subject) == (
        "github.issues.opened", "i.json", "https://github.com/acme/site", "acme/site",
    )  # fmt: skip
    assert (second.type, second.source) == ("github.ping", "https://github.com")
    with pytest.raises(CommandError, match="line 1"):
        call_command("ledger_import", "acme/decisions", str(lines_file(tmp_path / "g", [{}])), "--format", "github")


def test_cloudtrail_records_are_read(tmp_path: Path) -> None:
    stream = new_stream()
    record = {
        "eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "eventID": "id-1",
        "recipientAccountId": "123", "userIdentity": {"arn": "arn:x"},
        "@timestamp": "2020-09-14T00:44:23.000Z",
    }  # fmt: skip
    run("ledger_import", "acme/decisions", lines_file(tmp_path / "f", [record]), "--format", "cloudtrail")
    (row,) = leaves.events_in(stream)
    assert (row.type, row.event_id, row.source, row.subject) == (
        "aws.ec2.DescribeInstances", "id-1", "urn:aws:cloudtrail:123", "arn:x",
    )  # fmt: skip
    assert row.claimed_time is not None
    with pytest.raises(CommandError, match="eventSource"):
        call_command("ledger_import", "acme/decisions", str(lines_file(tmp_path / "g", [{}])), "--format", "cloudtrail")


@pytest.mark.optional
@pytest.mark.parametrize(
    ("name", "form", "count"),
    [("github-webhooks.ndjson", "github", 271), ("cloudtrail-s3-exfiltration.ndjson", "cloudtrail", 103)],
)
def test_real_files_are_imported_to_the_event(name: str, form: str, count: int) -> None:
    if not SHARED.is_dir():
        pytest.skip("needs ../shared/data")
    stream = new_stream()
    told = run("ledger_import", "acme/decisions", SHARED / name, "--format", form)
    assert (told["appended"], told["replayed"]) == (count, 0)
    assert len(audit(stream).leaves) == count + 1
