"""Faults planted in the browser's verifier are found: a script is changed on its way, and the corpus tells."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.corpus.all import all_cases

pytestmark = [pytest.mark.e2e, pytest.mark.long]
STATIC = Path(__file__).resolve().parents[2] / "static"
SITE = "http://localhost:1"
# The script, a text that occurs in it exactly once, and what stands there instead.
FAULTS: Final = (
    ("merkle.js", "if (!same(climbed(leaf, sides, path), root)) {", "if (!root) {"),
    ("merkle.js", "if (!same(small, oldRoot) || !same(large, root)) {", "if (!same(small, oldRoot)) {"),
    ("merkle.js", "    verifyInclusion(this.last, this.size, this.leaf, path, root);\n", ""),
    ("json.js", "JSON.stringify(value) === text && sound(value, MAX_DEPTH)", "true"),
    ("leaves.js", "if (before && leaf.prev !== hexOf(before.hash)) {", "if (before && !leaf.prev) {"),
    ("leaves.js", "leaf.recorded < shown.recorded", "false"),
    ("leaves.js", "if (leaf.origin !== this.origin) {", "if (!leaf.origin) {"),
    ("attached.js", "const left = [...known.keys()].find(", "const left = [].find("),
    ("attached.js", "  history.keys.forEach(({ key }) => checkPublic(key.key));\n", ""),
    ("keys.js", "const late = held === head &&", "const late = false &&"),
    ("keys.js", "[before, ...leaf.fields.add_log_keys.map(", "[before, ...[].map("),
    ("receipts.js", "const key = span && placed && covers(span, at) ?", "const key = span && placed ?"),
    ("receipts.js", "    } else if (!valid) {\n", "    } else if (!key) {\n"),
    ("receipts.js", "valid && it.rangeProved && it.headSigned", "valid"),
    ("receipts.js", "newest.time > promised", "false"),
    ("objects.js", "  return same(hash.restart()", "  return !same(hash.restart()"),
    ("manifest.js", "stated.size !== held.size || stated.sha256 !== held.sha256", "stated.size !== held.size"),
    ("heads.js", "checkpoint.size > 0 && checkpoint.size < head.checkpoint.size", "false"),
    ("windows.js", "if (hexOf(rootOver(hashes)) !== window.root) {", "if (!window.root) {"),
    ("windows.js", "lacking > Math.min(gap,", "lacking > Math.max(gap,"),
    ("assess.js", "time > 0 && !ahead(time, now)", "time > 0"),
    ("tar.js", "if (name <= this.name) {", "if (name === this.name) {"),
    ("period.js", "if (index < first ? early : late) {", "if (early || late) {"),
    ("single_receipt.js", "manifest.index <= Math.max(receipt.index, receipt.at)", "false"),
    ("single_receipt.js", "seen.signed && others.some(", "others.some("),
    ("continued.js", "leaves.indices[last] > closing.index", "false"),
    ("holds.js", "said.filter((leaf) => leaf.index < index)", "said.filter(() => false)"),
)
RUN = """async (cases) => {
  const { verifyFile } = await import("/js/verify/verify.js");
  const octets = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  for (const { name, kind, data, policy, trust, now, wanted } of cases) {
    const given = { policy: octets(policy), trust: octets(trust), now };
    const report = await verifyFile(kind, new File([octets(data)], "input"), given);
    const codes = [...new Set(report.problems.map(({ code }) => code))].sort().join();
    if (codes !== wanted) {
      return name;
    }
  }
  return "";
}"""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """Every case that needs nothing special, as the page takes it."""
    found = []
    for case in all_cases():
        given = case.build()
        texts = {"data": given.data, "policy": given.policy, "trust": given.trust_bytes}
        row: dict[str, Any] = {name: base64.b64encode(data).decode() for name, data in texts.items()}
        row |= {"name": case.name, "kind": given.kind, "now": given.now, "wanted": ",".join(sorted(case.codes))}
        found += [] if case.needs else [row]
    return found


def first_difference(browser: Browser, rows: list[dict[str, Any]], script: str, old: str, new: str) -> str:
    """The first case that is judged otherwise than the corpus says while `script` has `new` instead of `old`."""
    text = (STATIC / "js/verify" / script).read_text()
    assert text.count(old) == 1, f"{script}: {text.count(old)} times {old}"
    context = browser.new_context()
    page: Page = context.new_page()

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(f"{SITE}/")
        changed = {"body": text.replace(old, new)} if path.endswith(f"/{script}") else {"path": STATIC / path}
        if path:
            route.fulfill(content_type="text/javascript", **changed)
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route(f"{SITE}/**", answer)
    page.goto(f"{SITE}/")
    found: str = page.evaluate(RUN, rows)
    context.close()
    return found


def test_without_a_fault_nothing_differs(browser: Browser, rows: list[dict[str, Any]]) -> None:
    assert first_difference(browser, rows, "merkle.js", "const LEAF = ", "const LEAF = ") == ""


@pytest.mark.parametrize(("script", "old", "new"), FAULTS)
def test_a_fault_is_found(browser: Browser, rows: list[dict[str, Any]], script: str, old: str, new: str) -> None:
    assert first_difference(browser, rows, script, old, new) != ""
