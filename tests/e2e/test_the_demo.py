"""`make demo` as a person meets it: its five things work exactly as printed, and a second start is quick.

The commands are taken from what stood on the terminal. What needs no server, by its own words, runs without.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect

from console.supervisor.layout import Layout
from governance.identity.one_time import code_at, secret_of
from tests.support.altered_portal import alter_statements
from tests.support.demo_signing import Signer, signer
from tests.support.server import ROOT

pytestmark = pytest.mark.e2e
FIRST_SECONDS, SECOND_SECONDS = 240, 60
OWN_WORK_SECONDS, WEB_SECONDS = 3.0, 20.0
NEWCOMER_SECONDS = 120
"""What the demo promises: signing in twice, importing two key files, an approval, the lock, and the execution."""
_DROPPED = ("DATABASE_URL", "DATABASE_OWNER_URL", "COUNTERSIGN_ENV", "REDIS_URL", "DJANGO_SETTINGS_MODULE")


@dataclass
class Run:
    """One start: what it printed until it was ready, and what /ready and var/demo.json then said."""

    state: Path
    process: subprocess.Popen[str]
    printed: str

    @property
    def facts(self) -> dict[str, Any]:
        return dict(json.loads((self.state / "demo.json").read_text()))

    @property
    def seconds(self) -> tuple[float, float]:
        """From the first line of its code until it was ready, and how much of it the data took."""
        found = re.search(r"ready in ([0-9.]+) s, ([0-9.]+) s of it for the data", self.printed)
        assert found is not None
        return float(found[1]), float(found[2])

    def commands(self, number: int) -> list[str]:
        """The lines under the thing of this number that a shell takes."""
        block = re.search(rf"^{number}\. .*\n((?:   .*\n)+)", self.printed, re.MULTILINE)
        assert block is not None, self.printed
        return [line.strip() for line in block[1].splitlines() if not line.strip().startswith("http")]

    def links(self, number: int) -> list[str]:
        block = re.search(rf"^{number}\. .*\n((?:   .*\n)+)", self.printed, re.MULTILINE)
        assert block is not None
        return [line.strip() for line in block[1].splitlines() if line.strip().startswith("http")]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state directory of this test's own; the database's home may lie elsewhere and goes too."""
    folder = tmp_path_factory.mktemp("demo")
    yield folder
    Layout.at(folder).wipe()


@pytest.fixture(scope="module")
def first(state: Path) -> Iterator[Run]:
    """The first start on an empty state directory."""
    with _started(state, _free_port(), FIRST_SECONDS) as run:
        yield run


def test_it_is_ready_and_says_who_may_sign_in(first: Run) -> None:
    assert _ready(first.facts["url"])
    assert stat.S_IMODE((first.state / "demo.json").stat().st_mode) == 0o600
    roles = {user["role"] for user in first.facts["users"]}
    assert {
        "platform_operator",
        "approver",
        "compliance_officer",
        "internal_auditor",
        "tenant_viewer",
    } <= roles
    for user in first.facts["users"]:
        assert user["email"] in first.printed
        assert user["password"] in first.printed
    assert first.facts["url"] in first.printed


def test_three_tenants_hold_thousands_of_real_events_in_several_windows(first: Run) -> None:
    sizes = {stream["namespace"]: 0 for stream in first.facts["streams"]}
    for stream in first.facts["streams"]:
        told = _get(first, stream["namespace"], f"streams/{stream['namespace']}/{stream['name']}/")
        assert told["origin"] == stream["origin"]
        sizes[stream["namespace"]] += int(told["size"])
    assert sizes["inventory"] + sizes["changes"] + sizes["decisions"] > 5_000
    for name in ("inventory/python-files", "decisions/code-or-data"):
        assert len(_get(first, name.split("/")[0], f"streams/{name}/windows/")["items"]) >= 3


def test_the_page_of_the_first_thing_opens_for_who_signs_in(first: Run, browser: Browser) -> None:
    (link,) = first.links(1)
    user = next(user for user in first.facts["users"] if user["email"] == "viewer.decisions@demo.localhost")
    with contextlib.closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(link)
        page.get_by_label("E-mail").fill(user["email"])
        page.get_by_label("Password").fill(user["password"])
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Code from your authenticator").fill(code_at(secret_of(user["totp_secret"]), time.time())[0])
        page.get_by_role("button", name="Sign in").click()
        page.goto(link)
        assert "code-or-data" in page.get_by_role("heading", level=1).inner_text()


def test_a_code_of_an_authenticator_is_printed_as_told(first: Run) -> None:
    command = re.search(r"^  (\./manage\.py demo --code \S+)$", first.printed, re.MULTILINE)
    assert command is not None
    assert re.match(r"\d{6}  \(for \d+ s", _shell(command[1], first.state).stdout)


def test_one_event_is_proved_as_printed(first: Run) -> None:
    fetch, verify = first.commands(2)
    assert _shell(fetch, first.state).returncode == 0
    assert _verdict(verify, first.state) == (0, "verified")


def test_an_event_of_ones_own_is_receipted_as_printed_and_stands_in_the_stream(first: Run) -> None:
    (post,) = first.commands(5)
    answer = json.loads(_shell(post, first.state).stdout)
    assert answer["receipt"]["payloadType"] == "application/vnd.countersign.receipt.v1+json"
    listed = _get(first, "decisions", f"streams/decisions/code-or-data/events/{answer['index']}/")
    assert listed["leaf_hash"] == answer["leaf_hash"]


def test_the_first_call_of_the_readme_answers_as_the_readme_says(first: Run) -> None:
    call, answer = _first_call()
    here = call.replace("http://localhost:8000", first.facts["url"]).replace("var/", f"{first.state}/")
    said = json.loads(_shell(here, first.state).stdout)
    assert list(said) == list(answer)
    assert list(said["receipt"]) == list(answer["receipt"])
    assert said["links"].keys() == answer["links"].keys()


def waiting(first: Run, one: Signer) -> str:
    """The change that lacks one approval."""
    one.page.goto(f"{first.facts['url']}/changes/")
    expect(one.page.locator(".answer")).to_contain_text("wait for your signature")
    one.page.get_by_role("link", name="Make a log public or private").last.click()
    expect(one.page.locator(".answer")).to_contain_text("In review: 1 of 2 approvals are given.")
    return one.page.url.rstrip("/").rsplit("/", 1)[1]


def another_effect(fields: dict[str, Any]) -> None:
    fields["effect"]["diff"] = [{**fields["effect"]["diff"][0], "path": "/harmless"}]


def another_change(fields: dict[str, Any]) -> None:
    fields["change"]["body"]["entries"] = True
    fields["effect"]["result"]["entries"] = True


def test_an_altered_portal_gets_no_signature_over_other_bytes(first: Run, browser: Browser) -> None:
    with signer(browser, first.facts, "approver-3") as one:
        waiting(first, one)
        alter_statements(one.page, another_effect)
        refusing = one.press("Approve")
        expect(refusing.get_by_role("heading", level=1)).to_have_text("Nothing can be signed")
        expect(one.page.locator("[data-sign-status] [role=status]")).to_contain_text("Not signed")
        refusing.close()
        one.page.unroute_all()

        alter_statements(one.page, another_change, whole=True)
        told = one.press("Approve")
        expect(told.get_by_role("row", name="/entries")).to_contain_text("true")
        expect(one.page.get_by_text("/entries")).to_have_count(0)
        one.keep(told)
        told.get_by_label("Passphrase of your key").fill(one.user["password"])
        told.get_by_role("button", name="Sign", exact=True).click()
        expect(one.page.locator("[data-sign-status] [role=status]")).to_contain_text("statement_differs")
        one.page.reload()
        expect(one.page.locator(".answer")).to_contain_text("In review: 1 of 2 approvals are given.")


def test_a_newcomer_approves_a_third_executes_and_another_takes_it_back(first: Run, browser: Browser) -> None:
    began = time.monotonic()
    with signer(browser, first.facts, "approver") as one:
        change = waiting(first, one)
        one.sign("Approve")
        expect(one.page.locator(".answer")).to_contain_text("Approved. Its time lock is over")
    with signer(browser, first.facts, "executor") as one:
        end = time.monotonic() + 60
        one.open(change)
        while not one.page.get_by_role("button", name="Execute", exact=True).count():
            assert time.monotonic() < end, "the lock never ran out"
            time.sleep(1)
            one.open(change)
        one.sign("Execute")
        expect(one.page.locator(".answer")).to_contain_text("Applied")
    assert time.monotonic() - began < NEWCOMER_SECONDS
    with signer(browser, first.facts, "executor-2") as one:
        one.open(change)
        one.page.get_by_label("Take it back, because").fill("Auditors follow another log.")
        one.page.get_by_role("button", name="Draft the way back").click()
        one.page.get_by_role("button", name="Apply the way back").wait_for()
        one.sign("Apply the way back")
        expect(one.page.locator(".answer")).to_contain_text("Applied")
        one.open(change)
        expect(one.page.locator(".answer")).to_contain_text("It was taken back afterwards.")


def test_with_the_server_stopped_the_bundle_is_verified_the_tampered_one_rejected_and_a_second_start_is_quick(
    first: Run,
) -> None:
    facts = first.facts
    before = _sizes(first)
    assert first.stop() == 0
    (good,), (tampered,) = first.commands(3), first.commands(4)
    assert _verdict(good, first.state) == (0, "verified")
    code, outcome = _verdict(tampered, first.state)
    assert (code, outcome) == (1, "rejected")
    assert "payload_digest_mismatch" in _shell(tampered, first.state).stdout
    with _started(first.state, int(facts["url"].rsplit(":", 1)[1]), SECOND_SECONDS) as second:
        assert second.facts == facts
        assert _sizes(second) == before
        everything, own_work = second.seconds
        assert own_work < OWN_WORK_SECONDS
        assert everything < OWN_WORK_SECONDS + WEB_SECONDS


@contextlib.contextmanager
def _started(state: Path, port: int, seconds: float) -> Iterator[Run]:
    command = [sys.executable, "manage.py", "demo", "--port", str(port)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=_environ(state), stdout=pipe, text=True) as process:
        watchdog = _killer(process, seconds)
        lines: list[str] = []
        try:
            for line in process.stdout or ():
                lines.append(line)
                if line.startswith("ready in"):
                    break
            watchdog.cancel()
            assert process.poll() is None, "".join(lines)
            yield Run(state, process, "".join(lines))
        finally:
            watchdog.cancel()
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(60)


def _killer(process: subprocess.Popen[str], seconds: float) -> Any:
    from threading import Timer  # noqa: PLC0415  (a watchdog for this file alone)

    timer = Timer(seconds, lambda: process.send_signal(signal.SIGINT))
    timer.start()
    return timer


def _first_call() -> tuple[str, dict[str, Any]]:
    """The shell lines under "A first call" in the README, and the answer that it shows."""
    section = (ROOT / "README.md").read_text().partition("## A first call")[2].partition("\n## ")[0]
    shell, answer = (block.partition("```")[0] for block in re.split("```(?:console|json)\n", section)[1:])
    lines = [line.removeprefix("$ ") for line in shell.splitlines()]
    return "\n".join(lines), dict(json.loads(answer))


def _environ(state: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return {**kept, "COUNTERSIGN_STATE_DIR": str(state), "PYTHONUNBUFFERED": "1"}


def _shell(command: str, state: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env=_environ(state),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def _verdict(command: str, state: Path) -> tuple[int, str]:
    done = _shell(command, state)
    words = re.search(r"\b(verified|rejected|incomplete)\b", done.stdout.lower())
    assert words is not None, done
    return done.returncode, words[1]


def _get(run: Run, namespace: str, path: str) -> dict[str, Any]:
    token = next(key["token"] for key in run.facts["keys"] if key["namespace"] == namespace)
    request = Request(f"{run.facts['url']}/api/v1/{path}", headers={"Authorization": f"Bearer {token}"})  # noqa: S310  (our own server)
    with urlopen(request, timeout=30) as answer:  # noqa: S310  (our own server)
        return dict(json.load(answer))


def _sizes(run: Run) -> dict[str, int]:
    """Leaves of the tenants' streams without window manifests; platform streams grow with every start."""
    ours = [stream for stream in run.facts["streams"] if not stream["namespace"].startswith("_")]
    paths = [f"{stream['namespace']}/{stream['name']}" for stream in ours]
    told = {path: _get(run, path.split("/")[0], f"streams/{path}/") for path in paths}
    return {path: int(one["size"]) - int(one["window"]["number"]) for path, one in told.items()}


def _ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/ready", timeout=30) as answer:  # noqa: S310  (our own server)
            return bool(answer.status == 200)
    except URLError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
