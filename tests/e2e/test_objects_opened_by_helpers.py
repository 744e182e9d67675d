"""Objects of a bundle that is large enough for helpers: whatever is wrong with a line, both verifiers say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from random import Random

import pytest
from playwright.sync_api import Browser, Page

from console.verifier_page import FILE_NAME, build
from ledger.core.bundle.layout import OBJECTS
from tests.corpus.cases import Input, own
from tests.corpus.draft import draft_of
from tests.corpus.log import Log
from tests.corpus.run import outcome_of
from tests.e2e.test_every_case_in_the_browser import differences
from tests.support.verify_page import capabilities, reports_of

pytestmark = [pytest.mark.e2e]
EVENTS, DAMAGED = 240, 60
Lines = list[bytes]


@pytest.fixture(scope="module")
def saved(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    file = tmp_path_factory.mktemp("saved") / FILE_NAME
    file.write_bytes(build())
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    assert capabilities(page)["helpers"]
    yield page
    context.close()


@cache
def log() -> Log:
    made = Log()
    made.genesis()
    made.events(0, EVENTS)
    made.seal()
    return made


def bundle(role: str, change: Callable[[Lines], object]) -> Input:
    draft = draft_of(log(), 0, log().size - 1)
    lines = draft.lines(OBJECTS[role])
    change(lines)
    draft.put(OBJECTS[role], lines)
    return Input(own(draft))


def fields(at: int, **changes: object) -> Callable[[Lines], None]:
    def change(lines: Lines) -> None:
        value = json.loads(lines[at]) | changes
        lines[at] = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    return change


WRONG: dict[str, Callable[[Lines], object]] = {
    "none": lambda _: None,
    "other text": fields(20, text='{"a":1}'),
    "other media type": fields(21, media_type="text/plain"),
    "another's salt": lambda lines: fields(22, salt=json.loads(lines[23])["salt"])(lines),
    "another's index": fields(24, index=200),
    "no such index": fields(25, index=9_999),
    "a manifest's index": fields(26, index=log().size - 1),
    "a second time": lambda lines: lines.insert(40, lines[30]),
    "swapped": lambda lines: lines.insert(50, lines.pop(60)),
    "gone": lambda lines: lines.pop(70),
    "no object": fields(80, text="[1]"),
    "a space": lambda lines: lines.insert(90, lines.pop(90) + b" "),
    "as base64": fields(91, data="e30="),
    "a file": fields(92, file="objects/payload-92.bin"),
    "empty": lambda lines: lines.insert(100, b""),
}


def damaged(seed: int) -> Input:
    dice = Random(seed)  # noqa: S311  repeatable damage, no secret

    def change(lines: Lines) -> None:
        at = dice.randrange(len(lines))
        place = dice.randrange(len(lines[at]))
        lines[at] = lines[at][:place] + bytes([lines[at][place] ^ 1 << dice.randrange(7)]) + lines[at][place + 1 :]

    return bundle(dice.choice(list(OBJECTS)), change)


def told_alike(page: Page, inputs: dict[str, Input]) -> int:
    """How many are not verified; both verifiers say the same of each."""
    reports = dict(zip(inputs, reports_of(page, list(inputs.values())), strict=True))
    unlike = {name: differences(reports[name], outcome_of(given)) for name, given in inputs.items()}
    assert not {name: found for name, found in unlike.items() if found}
    return sum(report["outcome"] != "verified" for report in reports.values())


@pytest.mark.parametrize("role", list(OBJECTS))
def test_a_wrong_line_is_told_as_python_tells_it(saved: Page, role: str) -> None:
    assert told_alike(saved, {name: bundle(role, change) for name, change in WRONG.items()}) >= len(WRONG) - 3


def test_a_letter_that_is_changed_anywhere_is_told_as_python_tells_it(saved: Page) -> None:
    assert told_alike(saved, {str(seed): damaged(seed) for seed in range(DAMAGED)}) > DAMAGED * 0.9
