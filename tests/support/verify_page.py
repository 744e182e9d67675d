"""Files before the verifier of a page that is open in a real browser, through the worker that the page itself uses."""

from __future__ import annotations

import base64
from typing import Any

from playwright.sync_api import Page

from ledger.core.types import JSONObject
from tests.corpus.cases import Input

_EACH = """
const octets = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const one = async ({ kind, data, policy, trust, now }) => {
  const file = new File([octets(data)], "input");
  const request = { id: 1, kind, file, policy: octets(policy), trust: octets(trust), now };
  return (await globalThis.countersignVerify(request).done).report;
};
"""
_ALL = f"""async (cases) => {{
  {_EACH}
  const reports = [];
  for (const given of cases) {{
    reports.push(await one(given));
  }}
  return reports;
}}"""
_CAPABILITIES = """async () => (await globalThis.countersignVerify({ capabilities: true }).done).capabilities"""


def capabilities(page: Page) -> dict[str, bool]:
    """What this browser can: `ed25519` natively, `mldsa44` at all, and `helpers` beside the worker."""
    found: dict[str, bool] = page.evaluate(_CAPABILITIES)
    return found


def reports_of(page: Page, inputs: list[Input]) -> list[dict[str, Any]]:
    """The report of the page's worker on each input."""
    rows = [_row(given) for given in inputs]
    reports: list[dict[str, Any]] = page.evaluate(_ALL, rows)
    return reports


def _row(given: Input) -> JSONObject:
    def text(data: bytes) -> str:
        return base64.b64encode(data).decode()

    return {
        "kind": given.kind,
        "data": text(given.data),
        "policy": text(given.policy),
        "trust": text(given.trust_bytes),
        "now": given.now,
    }
