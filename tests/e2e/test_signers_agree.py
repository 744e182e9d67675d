"""Python, browser and command line read the same payload alike: verdict, code, path, every line, and the short code."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page, Route

from governance.change.core.native import NativeMade, check_made
from governance.change.core.native_forms import KINDS, NULLSPEC
from governance.change.core.rendering import lines, shown
from governance.change.core.statement import parsed
from governance.change.core.verbs import Verb
from governance.sign.__main__ import main
from governance.sign.reading import code_is_asked, read_statement
from governance.sign.telling import named
from governance.sign.telling_native import facts_of
from ledger.core.canonical import canonical, parse_canonical
from ledger.core.dsse import pae
from ledger.errors import LedgerError
from tests.support import signer_tables
from tests.support.native_artefacts import artefacts, statement_with
from tests.support.native_artefacts import payload as native_payload
from tests.support.signing import PASSPHRASE, key_of
from tests.support.statement_fuzz import NAMES, TEXTS, payloads

pytestmark = [pytest.mark.e2e]
STATIC = Path(__file__).resolve().parents[2] / "static"
SITE = "http://localhost:1"
T = TypeVar("T")
FEW, MANY, AT_ONCE = 480, 10_000, 500
DECIDES, NATIVE = key_of(), key_of(seed=bytes(range(1, 33)), use="native")
READ = """async (rows) => {
  const { parsed } = await import("/js/sign/statement.js");
  const { codeIsAsked, lines } = await import("/js/sign/rendering.js");
  const { Refusal } = await import("/js/verify/refusal.js");
  const { hexOf } = await import("/js/verify/octets.js");
  const { sha256 } = await import("/js/verify/sha256.js");
  return rows.map((data) => {
    try {
      const told = parsed(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)));
      const rows = lines(told).map(({ path, text, suspect }) => [path, text, suspect]);
      return { code: told.code, asked: codeIsAsked(told), pae: hexOf(sha256(told.signedBytes)), lines: rows };
    } catch (problem) {
      return problem instanceof Refusal ? { refused: problem.code, path: problem.path } : { fault: String(problem) };
    }
  });
}"""
NAME = """async (rows) => {
  const { named, shown } = await import("/js/sign/rendering.js");
  return rows.map((text) => [named(text), shown(text)]);
}"""

BESIDE = """async (rows) => {
  const { parsed } = await import("/js/sign/statement.js");
  const { artefactLines, bound, readNative } = await import("/js/sign/native.js");
  const { Refusal } = await import("/js/verify/refusal.js");
  const { hexOf } = await import("/js/verify/octets.js");
  const { sha256 } = await import("/js/verify/sha256.js");
  return rows.map(({ statement, native }) => {
    try {
      const read = parsed(Uint8Array.from(atob(statement), (letter) => letter.charCodeAt(0)));
      return bound(read, readNative(native).artefacts).map((one) => ({
        kind: one.kind, signed: one.signs, code: one.code, to_sign: hexOf(sha256(one.toSign)),
        lines: artefactLines(one).map(({ path, text, suspect }) => [path, text, suspect]),
      }));
    } catch (problem) {
      return problem instanceof Refusal ? { refused: problem.code, path: problem.path } : { fault: String(problem) };
    }
  });
}"""
SIGN = """async ({ statement, native, key, secret }) => {
  const { parsed } = await import("/js/sign/statement.js");
  const { bound, readNative, signNative } = await import("/js/sign/native.js");
  const { unwrap } = await import("/js/sign/keyfile.js");
  const read = parsed(Uint8Array.from(atob(statement), (letter) => letter.charCodeAt(0)));
  return signNative(bound(read, readNative(native).artefacts), key, await unwrap(key, secret));
}"""


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Page]:
    """A page whose every request is answered from the folder of scripts: no server, and no network."""
    context = browser.new_context()
    page = context.new_page()

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(f"{SITE}/")
        if path:
            route.fulfill(path=STATIC / path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route(f"{SITE}/**", answer)
    page.goto(f"{SITE}/")
    yield page
    context.close()


def python_says(data: bytes) -> dict[str, Any]:
    try:
        read = parsed(data)
    except LedgerError as error:
        return {"refused": error.code, "path": error.path}
    digest = hashlib.sha256(pae(read.verb.payload_type, data)).hexdigest()
    shown = [[one.path, one.text, one.suspect] for one in lines(read)]
    return {"code": read.code, "asked": code_is_asked(read), "pae": digest, "lines": shown}


def browser_says(page: Page, rows: list[bytes]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = page.evaluate(READ, [base64.b64encode(data).decode() for data in rows])
    return told


def command_says(file: Path, data: bytes, told: pytest.CaptureFixture[str]) -> dict[str, Any]:
    file.write_bytes(data)
    code = main(["render", str(file), "--json"])
    result = json.loads(told.readouterr().out)
    return (
        {"code": result["code"]} if code == 0 else {"refused": result["error"]["code"], "path": result["error"]["path"]}
    )


def check(page: Page, count: int, seed: str, file: Path, told: pytest.CaptureFixture[str]) -> tuple[int, int]:
    """How many all three accepted and refused; fails at the first payload on which they differ."""
    good = 0
    for rows in in_turns(list(payloads(count, seed))):
        for data, found in zip(rows, browser_says(page, rows), strict=True):
            wanted = python_says(data)
            assert found == (wanted if is_json(data) else {**wanted, "path": found.get("path")}), data[:2000]
            commanded = command_says(file, data, told)
            assert commanded == {name: wanted[name] for name in commanded}, data[:2000]
            good += "code" in wanted
    return good, count - good


def is_json(data: bytes) -> bool:
    """Of what is no canonical JSON readers name other places, each the one that it noticed first."""
    try:
        parse_canonical(data)
    except LedgerError:
        return False
    return True


def in_turns(rows: list[T]) -> Iterator[list[T]]:
    return (rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE))


def test_three_signers_agree_on_hundreds_of_payloads(
    modules: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, refused = check(modules, FEW, "few", tmp_path / "s", capsys)
    assert min(good, refused) > FEW // 10


@pytest.mark.long
def test_three_signers_agree_on_ten_thousand_payloads(
    modules: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, refused = check(modules, MANY, "many", tmp_path / "s", capsys)
    assert min(good, refused) > MANY // 10


def test_names_are_written_alike(modules: Page) -> None:
    texts = [*NAMES, *TEXTS]
    wanted = [[named(text), shown(canonical(text).decode())] for text in texts]
    assert modules.evaluate(NAME, texts) == wanted


def test_tables_of_the_browser_are_those_of_the_command_line() -> None:
    assert signer_tables.TABLES.read_text(encoding="utf-8") == signer_tables.text()


def beside(kind: str, data: bytes, *, approves: bool = False) -> dict[str, Any]:
    """The portal's answer for a statement that lists this artefact, and the artefact."""
    verb = Verb.APPROVE if approves else Verb.SUBMIT if kind == NULLSPEC else Verb.EXECUTE
    statement = statement_with(DECIDES, verb, [(kind, data)])
    native = {"kid": NATIVE.kid, "artefacts": [{"kind": kind, "payload": base64.b64encode(data).decode()}]}
    raw = base64.b64encode(statement.raw).decode()
    return {"payload_type": statement.verb.payload_type, "statement": raw, "native": native}


def python_says_beside(answer: dict[str, Any]) -> Any:
    try:
        read = read_statement(json.dumps(answer).encode())
    except LedgerError as error:
        return {"refused": error.code, "path": error.path}
    told: list[Any] = facts_of(read)
    digests = [hashlib.sha256(made.to_sign).hexdigest() for _, made in read.native]
    return [{**one, "to_sign": digest} for one, digest in zip(told, digests, strict=True)]


def check_beside(page: Page, count: int, seed: str, file: Path, told: pytest.CaptureFixture[str]) -> tuple[int, int]:
    good = 0
    for rows in in_turns([*enumerate(artefacts(count, seed))]):
        answers = [beside(kind, data, approves=place % 5 == 4) for place, (kind, data) in rows]
        for answer, found in zip(answers, page.evaluate(BESIDE, answers), strict=True):
            wanted = python_says_beside(answer)
            assert found == wanted, answer
            file.write_text(json.dumps(answer))
            code, result = main(["render", str(file), "--json"]), json.loads(told.readouterr().out)
            good += code == 0
            if code == 0:
                assert [
                    {**one, "to_sign": row["to_sign"]} for one, row in zip(result["native"], wanted, strict=True)
                ] == wanted
            else:
                assert wanted == {"refused": result["error"]["code"], "path": result["error"]["path"]}
    return good, count - good


def test_three_signers_agree_on_hundreds_of_native_artefacts(
    modules: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, refused = check_beside(modules, 400, "native", tmp_path / "s", capsys)
    assert min(good, refused) > 40


@pytest.mark.long
def test_three_signers_agree_on_ten_thousand_native_artefacts(
    modules: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, refused = check_beside(modules, MANY, "native and many", tmp_path / "s", capsys)
    assert min(good, refused) > MANY // 10


@pytest.mark.parametrize("kind", KINDS)
def test_browser_and_command_line_make_the_same_native_signatures(
    modules: Page, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = native_payload(kind, random.Random(kind))  # noqa: S311  (the same on every run)
    answer = beside(kind, data)
    names = {
        "s": json.dumps(answer).encode(),
        "k": DECIDES.to_bytes(),
        "n": NATIVE.to_bytes(),
        "p": PASSPHRASE.encode(),
    }
    files = {name: tmp_path / name for name in (*names, "out")}
    for name, content in names.items():
        files[name].write_bytes(content)
    code = parsed(base64.b64decode(answer["statement"])).code
    words = ["sign", str(files["s"]), "--key", str(files["k"]), "--native-key", str(files["n"]), "--code", code]
    assert main([*words, "--passphrase-file", str(files["p"]), "--out", str(files["out"]), "--json"]) == 0
    capsys.readouterr()
    made = json.loads(files["out"].read_bytes())
    asked = {**answer, "key": NATIVE.fields, "secret": PASSPHRASE}
    assert made["native"] == modules.evaluate(SIGN, asked)
    (row,) = made["native"]["artefacts"]
    detached = base64.b64decode(row["detached"]) if row["detached"] else None
    check_made(NativeMade(kind, data, base64.b64decode(row["signature"]), detached, NATIVE.public))
