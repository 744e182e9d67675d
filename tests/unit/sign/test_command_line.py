"""The command-line signer: what it shows, what it signs, what it refuses, and with which exit code."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from governance.change.core.rendering import as_text
from governance.change.core.statement import Statement, built, digest_of
from governance.change.core.verbs import Verb
from governance.sign.__main__ import main
from governance.sign.arguments import parser_of
from governance.sign.telling import MEANINGS
from ledger.core.canonical import canonical
from ledger.core.dsse import parse_envelope, signed_by
from ledger.core.short_words import spoken
from tests.support.signing import ORIGIN, PASSPHRASE, PERSON, fields_for, key_of, statement_for, with_tier

ROOT = Path(__file__).resolve().parents[3]


class Desk:
    """A folder with a key, its passphrase and statements."""

    def __init__(self, folder: Path, told: pytest.CaptureFixture[str]) -> None:
        self.folder, self.told, self.key = folder, told, key_of()
        self.put("key.json", self.key.to_bytes())
        self.put("phrase", PASSPHRASE.encode() + b"\n")

    def put(self, name: str, data: bytes) -> str:
        (self.folder / name).write_bytes(data)
        return str(self.folder / name)

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def run(self, *words: str) -> tuple[int, str, str]:
        code = main(list(words))
        out, err = self.told.readouterr()
        return code, out, err

    def sign(self, statement: bytes, *more: str, out: str = "envelope.json") -> tuple[int, str, str]:
        file = self.put("statement.json", statement)
        named = ["--key", self.path("key.json"), "--passphrase-file", self.path("phrase"), "--out", self.path(out)]
        return self.run("sign", file, *named, *more)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def answer(statement: Statement, **more: Any) -> bytes:
    raw = base64.b64encode(statement.raw).decode()
    return canonical({"payload_type": statement.verb.payload_type, "statement": raw, "code": statement.code, **more})


def test_a_signature_over_the_received_bytes_verifies(desk: Desk) -> None:
    statement = statement_for(desk.key)
    code, _, shown = desk.sign(answer(statement))
    assert code == 0, shown
    envelope = parse_envelope(Path(desk.path("envelope.json")).read_bytes())
    assert envelope.payload == statement.raw
    assert envelope.payload_type == "application/vnd.countersign.gov.approve.v1+json"
    assert signed_by(envelope, {desk.key.kid: desk.key.public}) == [desk.key.kid]
    assert as_text(statement) in shown
    assert "THIS CHANGE WEAKENS" in shown
    args = ("verify", desk.path("envelope.json"), "--key", desk.path("key.json"))
    assert desk.run(*args, "--statement", desk.put("raw", statement.raw))[0] == 0


def test_rendering_ends_with_the_short_code_and_writes_out_what_is_unseen(desk: Desk) -> None:
    made = fields_for(desk.key)
    made["change"]["reason"] = "pay\u202e 001"
    statement = built(made)
    code, out, _ = desk.run("render", desk.put("s", statement.raw))
    assert code == 0
    assert "pay<U+202E> 001" in out
    assert "\u202e" not in out
    assert "change.reason" in out.partition("Characters that cannot be seen")[2].splitlines()[0]
    assert out.rstrip().endswith(f"short code: {statement.code}")


def test_a_name_cannot_imitate_the_words_around_it(desk: Desk) -> None:
    made = fields_for(desk.key)
    made["change"]["type"] = "role.grant  (cr-1, revision 2)"
    out = desk.run("render", desk.put("s", built(made).raw))[1]
    assert out.splitlines()[0] == 'APPROVE  "role.grant  (cr-1, revision 2)"  (cr-1, revision 3)'


@pytest.mark.parametrize("tier", ["high", "critical", "unheard"])
def test_where_much_rests_on_it_the_code_must_be_typed(desk: Desk, tier: str) -> None:
    statement = built(with_tier(fields_for(desk.key), tier))
    code, _, told = desk.sign(statement.raw)
    assert (code, "No terminal to ask for the short code" in told) == (64, True)
    code, _, told = desk.sign(statement.raw, "--code", "acid acid acid acid acid acid")
    assert (code, "code_differs" in told) == (1, True)
    assert not Path(desk.path("envelope.json")).exists()
    assert desk.sign(statement.raw, "--code", statement.code.upper())[0] == 0


def refusals() -> dict[str, tuple[dict[str, Any], str]]:
    past = {"not_before": "2020-01-01T00:00:00Z", "not_after": "2020-01-02T00:00:00Z"}
    made = fields_for(key_of())
    return {
        "another person": ({"signer": {**made["signer"], "person": "person:x"}}, "key_differs"),
        "another key": ({"signer": {**made["signer"], "key": "0" * 32}}, "key_differs"),
        "another deployment": ({"deployment": {**made["deployment"], "origin": "elsewhere"}}, "key_differs"),
        "too late": ({"window": past}, "window_closed"),
    }


@pytest.mark.parametrize("name", refusals())
def test_a_statement_for_something_else_is_not_signed(desk: Desk, name: str) -> None:
    more, expected = refusals()[name]
    code, _, told = desk.sign(statement_for(desk.key, **more).raw)
    assert (code, f"({expected})" in told) == (1, True), told
    assert not Path(desk.path("envelope.json")).exists()


def lies(statement: Statement) -> dict[str, tuple[bytes, str]]:
    reject = "application/vnd.countersign.gov.reject.v1+json"
    changed = canonical({**statement.fields, "extra": 1})
    diff = canonical({**statement.fields, "effect": {**statement.fields["effect"], "diff": []}})  # type: ignore[dict-item]  # an object
    return {
        "payload type of another verb": (answer(statement, payload_type=reject), "payload_type_wrong"),
        "payload type of nobody": (answer(statement, payload_type="text/plain"), "payload_type_wrong"),
        "another short code": (answer(statement, code="acid " * 6), "code_differs"),
        "an unknown field": (changed, "statement_malformed"),
        "a diff that does not follow": (diff, "statement_malformed"),
        "another spacing": (json.dumps(statement.fields).encode(), "statement_malformed"),
        "a key twice": (statement.raw[:-1] + b',"v":"countersign-statement/1"}', "statement_malformed"),
    }


@pytest.mark.parametrize("name", lies(statement_for(key_of())))
def test_a_portal_that_lies_gets_no_signature(desk: Desk, name: str) -> None:
    data, expected = lies(statement_for(desk.key))[name]
    code, _, told = desk.sign(data)
    assert (code, f"({expected})" in told) == (1, True), told
    assert "next: " in told


def test_nothing_is_written_over(desk: Desk) -> None:
    statement = statement_for(desk.key)
    assert desk.sign(statement.raw)[0] == 0
    code, _, told = desk.sign(statement.raw)
    assert (code, "file_unusable" in told) == (64, True)


def test_a_wrong_passphrase_signs_nothing(desk: Desk) -> None:
    desk.put("phrase", b"another one altogether\n")
    code, _, told = desk.sign(statement_for(desk.key).raw)
    assert (code, "passphrase_wrong" in told) == (1, True)


def test_a_policy_beside_the_statement_must_be_the_one_it_binds(desk: Desk) -> None:
    made = fields_for(desk.key)
    text = canonical({"rules": [made["policy"]["rule"]], "v": "countersign-governance-policy/1"})
    made["policy"]["digest"] = hashlib.sha256(text).hexdigest()
    right, other = desk.put("policy", text), desk.put("other", text + b" ")
    assert desk.run("render", desk.put("s", built(made).raw), "--policy", right)[0] == 0
    assert desk.run("render", desk.path("s"), "--policy", other)[0] == 1
    made["policy"]["rule"] = {**made["policy"]["rule"], "lock_s": 0}
    code, _, told = desk.run("render", desk.put("s", built(made).raw), "--policy", right)
    assert (code, "policy_differs" in told) == (1, True)


@pytest.mark.parametrize("change", ["signature", "payload", "type", "spacing", "second"])
def test_an_altered_envelope_does_not_verify(desk: Desk, change: str) -> None:
    desk.sign(statement_for(desk.key).raw)
    envelope = json.loads(Path(desk.path("envelope.json")).read_bytes())
    other = statement_for(desk.key, Verb.REJECT)
    if change == "signature":
        envelope["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
    elif change == "payload":
        envelope["payload"] = base64.b64encode(statement_for(desk.key, nonce="B" * 22).raw).decode()
    elif change == "type":
        envelope |= {"payload": base64.b64encode(other.raw).decode(), "payloadType": other.verb.payload_type}
    elif change == "second":
        envelope["signatures"] *= 2
    data = canonical(envelope) if change != "spacing" else json.dumps(envelope).encode()
    code, _, told = desk.run("verify", desk.put("altered", data), "--key", desk.path("key.json"))
    assert (code, "envelope_wrong" in told) == (1, True), told


def test_an_envelope_over_another_statement_is_told(desk: Desk) -> None:
    desk.sign(statement_for(desk.key).raw)
    file = desk.put("other", statement_for(desk.key, nonce="B" * 22).raw)
    args = ("verify", desk.path("envelope.json"), "--key", desk.path("key.json"), "--statement", file)
    assert "holds another statement" in desk.run(*args)[2]


def test_a_small_order_key_verifies_nothing(desk: Desk) -> None:
    desk.sign(statement_for(desk.key).raw)
    small = base64.b64encode(bytes([1, *[0] * 31])).decode()
    assert "(weak_key)" in desk.run("verify", desk.path("envelope.json"), "--public", small)[2]


def test_a_new_key_is_encrypted_and_its_owners_alone(desk: Desk) -> None:
    words = ("key", "new", "--person", PERSON, "--origin", ORIGIN, "--passphrase-file", desk.path("phrase"))
    code, out, _ = desk.run(*words, "--out", desk.path("new.json"), "--json")
    assert code == 0
    file = Path(desk.path("new.json"))
    assert file.stat().st_mode & 0o777 == 0o600
    told = json.loads(out)
    shown = json.loads(desk.run("key", "show", str(file), "--json")[1])
    assert shown == {name: value for name, value in told.items() if name != "out"}
    assert (shown["custody"], shown["person"]) == ("offline", PERSON)
    assert shown["words"] == spoken(bytes.fromhex(digest_of({"public": shown["public"]})), 6)


def test_a_short_passphrase_is_refused(desk: Desk) -> None:
    weak = desk.put("weak", b"elevenchars\n")
    words = ("key", "new", "--person", PERSON, "--origin", ORIGIN, "--passphrase-file", weak, "--out", desk.path("n"))
    assert "passphrase_weak" in desk.run(*words)[2]
    assert not Path(desk.path("n")).exists()


def test_results_and_refusals_are_objects_where_asked(desk: Desk) -> None:
    statement = statement_for(desk.key)
    code, out, _ = desk.sign(statement.raw, "--json")
    assert (code, json.loads(out)["code"]) == (0, statement.code)
    code, out, err = desk.run("render", desk.put("bad", b"{}"), "--json")
    assert (code, err) == (1, "")
    assert json.loads(out)["error"].keys() == {"code", "what", "why", "next", "path"}


@pytest.mark.parametrize("words", [[], ["sing"], ["sign"], ["verify", "x"], ["render", "/nowhere/at/all"]], ids=str)
def test_unusable_arguments_and_files_end_with_64(desk: Desk, words: list[str]) -> None:
    code, _, told = desk.run(*words)
    assert code == 64
    assert "next: " in told


@pytest.mark.parametrize("command", ["key new", "key show", "render", "sign", "verify"])
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser_of().parse_args([*command.split(), "--help"])
    assert f"example:\n  countersign-sign {command}" in capsys.readouterr().out


def test_every_verb_is_told_in_words() -> None:
    assert set(MEANINGS) == set(Verb)


def test_it_runs_without_django_and_without_a_network() -> None:
    program = (
        "import sys\nfrom governance.sign.__main__ import main\nimport governance.sign.commands\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'django', 'rest_framework', 'celery', 'psycopg', 'socket', 'ssl', 'http', 'urllib3'}))"
    )
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
