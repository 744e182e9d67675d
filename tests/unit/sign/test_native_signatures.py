"""The command line signs native artefacts beside a statement, and verifies them in anybody's answer."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from governance.change.core.native_forms import EPOCH, EVENT
from governance.change.core.verbs import Verb
from governance.evidenceos.core.epoch import EpochControl
from governance.sign.__main__ import main
from ledger.core.canonical import canonical
from tests.support.native_artefacts import statement_with
from tests.support.signing import PASSPHRASE, key_of

DECIDES, NATIVE = key_of(), key_of(use="native", seed=bytes(range(1, 33)))
DATA = EpochControl(2**64 - 1, 1_735_689_600, "ops-1").payload()


class Desk:
    """A folder, and runs of the command line in it."""

    def __init__(self, folder: Path, told: pytest.CaptureFixture[str]) -> None:
        self.folder, self.told = folder, told
        for name, data in (("key", DECIDES.to_bytes()), ("native", NATIVE.to_bytes()), ("phrase", PASSPHRASE.encode())):
            (folder / name).write_bytes(data)
        statement = statement_with(DECIDES, Verb.EXECUTE, [(EPOCH, DATA)])
        row = {"kind": EPOCH, "payload": base64.b64encode(DATA).decode()}
        self.code = statement.code
        self.answer: dict[str, Any] = {
            "payload_type": statement.verb.payload_type, "statement": base64.b64encode(statement.raw).decode(),
            "native": {"kid": NATIVE.kid, "artefacts": [row]},
        }  # fmt: skip

    def run(self, *words: str) -> tuple[int, str]:
        code = main([*words])
        found = self.told.readouterr()
        return code, found.out + found.err

    def sign(self, *more: str) -> tuple[int, str]:
        (self.folder / "s").write_text(json.dumps(self.answer))
        words = ("sign", str(self.folder / "s"), "--key", str(self.folder / "key"), "--code", self.code)
        out = ("--out", str(self.folder / "out"), "--passphrase-file", str(self.folder / "phrase"))
        return self.run(*words, *out, *more)

    def verify(self, *more: str) -> tuple[int, str]:
        return self.run("verify", str(self.folder / "out"), "--key", str(self.folder / "key"), *more)

    def native(self) -> tuple[str, str]:
        return "--native-key", str(self.folder / "native")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_it_shows_the_artefact_and_signs_it_in_one_run(desk: Desk) -> None:
    code, shown = desk.sign(*desk.native())
    assert code == 0
    assert "SIGNED BESIDE IT: Epoch control" in shown
    assert "forced_epoch: 18446744073709551615" in shown
    assert "updated_at_epoch: 1735689600 (2025-01-01 00:00:00 UTC)" in shown
    code, told = desk.verify(*desk.native())
    assert code == 0
    assert "and 1 native signed beside it" in told
    public = base64.b64encode(NATIVE.public).decode()
    assert desk.verify("--native-public", public)[0] == 0


def test_without_the_native_key_nothing_is_signed(desk: Desk) -> None:
    code, told = desk.sign()
    assert (code, "native_key_missing" in told) == (1, True)
    assert not (desk.folder / "out").exists()


def test_a_key_of_another_use_or_person_is_no_native_key(desk: Desk) -> None:
    other = key_of(person="person:other", use="native", seed=bytes(range(2, 34)))
    for key in (DECIDES, other):
        (desk.folder / "wrong").write_bytes(key.to_bytes())
        code, told = desk.sign("--native-key", str(desk.folder / "wrong"))
        assert (code, "key_differs" in told) == (1, True)


def test_an_answer_without_artefacts_is_not_even_rendered(desk: Desk) -> None:
    del desk.answer["native"]
    (desk.folder / "s").write_text(json.dumps(desk.answer))
    code, told = desk.run("render", str(desk.folder / "s"))
    assert (code, "native_missing" in told) == (1, True)


@pytest.mark.parametrize("change", ["signature", "payload", "kind", "left out", "another key"])
def test_an_altered_answer_does_not_verify(desk: Desk, change: str) -> None:
    desk.sign(*desk.native())
    made = json.loads((desk.folder / "out").read_bytes())
    (row,) = made["native"]["artefacts"]
    if change == "signature":
        row["signature"] = base64.b64encode(bytes(64)).decode()
    elif change == "payload":
        row["payload"] = base64.b64encode(EpochControl(7, 8, "ops-1").payload()).decode()
    elif change == "kind":
        row["kind"] = EVENT
    elif change == "left out":
        made["native"]["artefacts"] = []
    (desk.folder / "out").write_bytes(canonical(made))
    more = ("--native-public", base64.b64encode(DECIDES.public).decode()) if change == "another key" else desk.native()
    code, told = desk.verify(*more)
    assert code == 1
    assert "native_" in told


def test_an_answer_is_verified_with_a_native_key_or_not_at_all(desk: Desk) -> None:
    desk.sign(*desk.native())
    code, told = desk.verify()
    assert (code, "--native-key FILE or --native-public" in told) == (64, True)
