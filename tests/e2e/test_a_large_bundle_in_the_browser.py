"""A hundred thousand events with receipts and objects: the browser's verifier beside Python's, in the same minute."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from console.verifier_page import FILE_NAME, build
from ledger.core.trust import Reader, ReaderTrust
from ledger.core.verify import verify_bundle
from ledger.core.witness_policy import parse_policy
from tests.corpus.cases import POLICY
from tests.support.large_bundle import write_large_bundle

pytestmark = [pytest.mark.e2e, pytest.mark.long]
EVENTS = 100_000
SLOWER_AT_MOST = 1.2
LATE = 2_000_000_000
IN_THE_PAGE = """async ({ policy, now }) => {
  const [file] = document.querySelector("#evidence").files;
  const begun = performance.now();
  const request = { id: 1, kind: "bundle", file, policy: new TextEncoder().encode(policy), trust: null, now };
  const { report } = await globalThis.countersignVerify(request).done;
  return [report, (performance.now() - begun) / 1000];
}"""


def in_python(path: Path) -> float:
    """Seconds of the Python verifier, with its accelerators."""
    begun = time.perf_counter()
    with path.open("rb") as source, tempfile.TemporaryFile() as scratch:
        report = verify_bundle(source, scratch, Reader(parse_policy(POLICY), ReaderTrust(), LATE))
    assert report.outcome == "verified"
    return time.perf_counter() - begun


def in_browser(browser: Browser, folder: Path, path: Path) -> float:
    """Seconds of the saved page's worker, with the network off."""
    (folder / FILE_NAME).write_bytes(build())
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((folder / FILE_NAME).as_uri())
    page.set_input_files("#evidence", path)
    report, seconds = page.evaluate(IN_THE_PAGE, {"policy": POLICY.decode(), "now": LATE})
    context.close()
    assert report["outcome"] == "verified", report["problems"]
    assert (report["counts"]["receipts"], report["counts"]["objects"]) == (EVENTS, 2 * EVENTS)
    return float(seconds)


def test_it_is_not_much_slower_than_python(
    browser: Browser, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    plain, packed = write_large_bundle(tmp_path, EVENTS)
    python = in_python(packed)
    seconds = {path.suffix: in_browser(browser, tmp_path, path) for path in (plain, packed)}
    told = {"python": python, **seconds, "load": os.getloadavg()[0], "cores": os.cpu_count()}
    for name, value in told.items():
        record_property(name, value)
    print(", ".join(f"{name} {value:.1f}" for name, value in told.items() if value is not None))  # noqa: T201 - measured
    assert max(seconds.values()) / python < SLOWER_AT_MOST
