"""Python, browser and command line read the same payload alike: verdict, code, path, every line, and the short code."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from governance.change.core.rendering import lines, shown
from governance.change.core.statement import parsed
from governance.sign.__main__ import main
from governance.sign.reading import code_is_asked
from governance.sign.telling import named
from ledger.core.canonical import canonical, parse_canonical
from ledger.core.dsse import pae
from ledger.errors import LedgerError
from tests.support import signer_tables
from tests.support.statement_fuzz import NAMES, TEXTS, payloads

pytestmark = [pytest.mark.e2e]
STATIC = Path(__file__).resolve().parents[2] / "static"
SITE = "http://localhost:1"
FEW, MANY, AT_ONCE = 480, 10_000, 500
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


def in_turns(rows: list[bytes]) -> Iterator[list[bytes]]:
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
