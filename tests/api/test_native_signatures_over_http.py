"""Native signatures from door to door: a statement of the API, signed at the command line, handed in again."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from nacl.signing import SigningKey

from governance.change import types
from governance.change.core.native_forms import EPOCH, NULLSPEC
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change, Word
from governance.identity.core.person_keys import KeyUse
from governance.sign.__main__ import main
from governance.sign.keyfile import KeyFile, Whose, wrap
from tests.support.attacks import Doors
from tests.support.native_kind import WithNative, listed
from tests.support.people import origin, planted_key
from tests.support.signing import PASSPHRASE

pytestmark = pytest.mark.db


class Desk:
    """Key files of people, and the command line that signs with them."""

    def __init__(self, doors: Doors, folder: Path) -> None:
        self.doors, self.folder = doors, folder
        (folder / "phrase").write_text(PASSPHRASE)
        for name in ("ada", "eva"):
            one = doors.it[name]
            _, private = planted_key(one.row, use=KeyUse.NATIVE)
            self.keep(name, one.private, "decision")
            self.keep(name, private, "native")

    def keep(self, name: str, private: SigningKey, use: str) -> KeyFile:
        whose = Whose(self.doors.it[name].id, origin(), use, "offline")
        made = wrap(bytes(private), PASSPHRASE, whose, salt=b"s" * 16, nonce=b"n" * 12)
        (self.folder / f"{name}.{use}").write_bytes(made.to_bytes())
        return made

    def signed(self, told: dict[str, Any], who: str, *more: str) -> dict[str, Any]:
        statement, out = self.folder / "statement.json", self.folder / "answer.json"
        statement.write_text(json.dumps(told))
        out.unlink(missing_ok=True)
        words = ["sign", str(statement), "--key", str(self.folder / f"{who}.decision"), "--out", str(out), "--json"]
        words += ["--native-key", str(self.folder / f"{who}.native"), "--code", told["code"]]
        assert main([*words, "--passphrase-file", str(self.folder / "phrase"), *more]) == 0
        return dict(json.loads(out.read_bytes()))


@pytest.fixture
def desk(doors: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setitem(types._BY_NAME, "tenant.state", WithNative())
    WithNative.applied.clear()
    WithNative.trusted.clear()
    return Desk(doors, tmp_path)


@pytest.fixture
def row(doors: Doors, desk: Desk) -> Change:
    return doors.it.draft("tenant.state", {**doors.it.suspend, "native": listed()})


def test_a_draft_is_submitted_and_carried_out_with_signatures_of_the_command_line(
    doors: Doors, desk: Desk, row: Change
) -> None:
    told = doors.statement("ada", row, Verb.SUBMIT)
    assert [one["kind"] for one in told["native"]["artefacts"]] == [NULLSPEC, EPOCH]
    answer = doors.post("ada", f"changes/{row.key}/decisions/", desk.signed(told, "ada"))
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == State.IN_REVIEW.value
    for one in ("ben", "cyd"):
        doors.done(doors.hand_in(one, row, doors.envelope(one, row, Verb.APPROVE)))
    doors.wait()
    made = desk.signed(doors.statement("eva", row, Verb.EXECUTE), "eva")
    file = SimpleUploadedFile("answer.json", json.dumps(made).encode())
    page = doors.session("eva").post(f"/changes/{row.key}/words/", {"envelope": file})
    assert page.status_code == 302, page.content
    row.refresh_from_db()
    assert row.state == State.APPLIED
    ((contract, epoch),) = WithNative.applied
    assert (contract.kind, epoch.kind) == (NULLSPEC, EPOCH)


def test_the_kept_envelope_is_the_one_that_was_sent(doors: Doors, desk: Desk, row: Change) -> None:
    made = desk.signed(doors.statement("ada", row, Verb.SUBMIT), "ada")
    sent = json.dumps(made, indent=2).encode()
    file = SimpleUploadedFile("answer.json", sent)
    doors.session("ada").post(f"/changes/{row.key}/words/", {"envelope": file})
    kept = bytes(Word.objects.get().envelope)
    assert kept in sent
    assert json.loads(kept) == made["envelope"]


def test_native_signatures_that_were_altered_on_the_way_are_one_denial(doors: Doors, desk: Desk, row: Change) -> None:
    made = desk.signed(doors.statement("ada", row, Verb.SUBMIT), "ada")
    made["native"]["artefacts"][0]["signature"] = base64.b64encode(bytes(64)).decode()
    with doors.attack("native_differs", 422):
        doors.post("ada", f"changes/{row.key}/decisions/", made)
    del made["native"]
    with doors.attack("native_missing", 422):
        doors.post("ada", f"changes/{row.key}/decisions/", made)
    row.refresh_from_db()
    assert row.state == State.DRAFT


def test_the_page_offers_signing_the_submission_and_nothing_in_advance(doors: Doors, desk: Desk, row: Change) -> None:
    page = doors.session("ada").get(f"/changes/{row.key}/").content.decode()
    assert "Sign and submit" in page
    assert f"/changes/{row.key}/submit/" not in page
    doors.post("ada", f"changes/{row.key}/decisions/", desk.signed(doors.statement("ada", row, Verb.SUBMIT), "ada"))
    for one in ("ben", "cyd"):
        doors.done(doors.hand_in(one, row, doors.envelope(one, row, Verb.APPROVE)))
    assert "Sign the execution in advance" not in doors.session("eva").get(f"/changes/{row.key}/").content.decode()
