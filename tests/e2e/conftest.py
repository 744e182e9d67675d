"""A real server for a real browser: granian and a Celery worker on a database of the test's own."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from console import configuration, signing_page
from console.supervisor.programs import beat_command, worker_command
from governance.identity.core.roles import Role
from ledger.queues import UPKEEP
from tests.support.clones import Clone, cloned, django_on
from tests.support.server import ROOT, Server
from tests.support.signing_sites import PORTAL, SIGNER, Sites
from tests.web.house import PASSWORD, House, code_now, inhabited

# Playwright's synchronous API keeps an event loop in this thread; Django would take that for a mistake.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
HASHERS_OF_THE_SERVER = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
START_SECONDS = 30.0
_COMERS = itertools.count(1)
# Collected by a script of the page itself: what a debugger evaluates is exempt from the policy.
WATCH = "document.addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective));"


@dataclass
class Site:
    """Where the house answers, and what its pages complained about."""

    url: str
    house: House
    environ: dict[str, str]
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def sites(browser: Browser) -> Iterator[Sites]:
    """A portal and a signing page on origins of their own, without a server; what the pages complain of fails."""
    with override_settings(COUNTERSIGN_SIGN_ORIGIN=SIGNER, COUNTERSIGN_SITE_URL=PORTAL):
        signing_page.document.cache_clear()
        context = browser.new_context()
        context.add_init_script(WATCH)
        context.set_default_timeout(10_000)
        made = Sites(context)
        yield made
        context.close()
        signing_page.document.cache_clear()
    assert made.complaints == []


@pytest.fixture
def site(ledger_db: Clone) -> Iterator[Site]:
    """The inhabited house under a web server, as the supervisor starts it."""
    settings.COUNTERSIGN_STATE_DIR.mkdir(parents=True, exist_ok=True)
    with _standing(ledger_db, settings.COUNTERSIGN_STATE_DIR) as made:
        yield made


@pytest.fixture(scope="module")
def shared_site(server: Server, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests of a file that change nothing in it which another one reads; such a file makes it its `site`,
    and is no `db` test.
    """
    state = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), cloned(server) as clone, django_on(clone), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "COUNTERSIGN_STATE_DIR", state)
        with _standing(clone, state) as made:
            yield made


@contextlib.contextmanager
def _standing(clone: Clone, state: Path) -> Iterator[Site]:
    with override_settings(PASSWORD_HASHERS=HASHERS_OF_THE_SERVER):
        house = inhabited(events=60)
        with served(clone, state) as (url, environ):
            yield Site(url, house, environ)


@contextlib.contextmanager
def served(clone: Clone, state: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A web server on a database of the test's own: where it answers, and with which environment it was started."""
    port = _free_port()
    environ = {**_environ(clone, state), "COUNTERSIGN_SITE_URL": f"http://localhost:{port}"}
    with _running(_web(port), environ):
        _wait_for(port)
        yield f"http://localhost:{port}", environ


@contextlib.contextmanager
def kept_up(environ: dict[str, str]) -> Iterator[None]:
    """The scheduler and the worker of its queue beside a web server, as the supervisor starts them."""
    with _running(worker_command(UPKEEP, processes=1), environ), _running(beat_command(), environ):
        yield


@pytest.fixture
def worker(site: Site) -> Iterator[None]:
    """Celery's worker beside the web server, on the same database and the filesystem broker."""
    with _running(_worker(), site.environ):
        yield


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A window with its own cookies, whose every complaint is kept."""
    with contextlib.closing(browser.new_context(accept_downloads=True)) as opened:
        opened.set_default_timeout(15_000)
        yield opened


@pytest.fixture
def tab(context: BrowserContext, site: Site) -> Iterator[Page]:
    """A tab; a console error, an exception or a violation of the policy fails the test that opened it."""
    opened = context.new_page()
    site.complaints.clear()
    watch(opened, site)
    yield opened
    assert not site.complaints, site.complaints


def watch(page: Page, site: Site) -> None:
    page.add_init_script(WATCH)
    page.on(
        "console",
        lambda said: site.complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda raised: site.complaints.append(str(raised)))


def somebody(site: Site, role: Role) -> str:
    """The address of a new person of acme: on a shared site everybody comes once, since a code is taken once."""
    email = f"ada-{next(_COMERS)}@acme.test"
    site.house.person(role, email=email)
    return email


def sign_in(page: Page, site: Site, email: str) -> None:
    """Password, then the code of the authenticator."""
    page.goto(f"{site.url}/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code from your authenticator").fill(code_now())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.url}/")


def _environ(clone: Clone, state: Path) -> dict[str, str]:
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "console.settings", "COUNTERSIGN_ENV": "test"}
    environ |= {"DATABASE_URL": clone.runtime_url, "COUNTERSIGN_STATE_DIR": str(state)}
    environ["COUNTERSIGN_HEAD_GUARD"] = clone.guard_url
    environ |= {"COUNTERSIGN_SEAL_KEY": configuration.TEST_SEAL_KEY, "COUNTERSIGN_LOG_LEVEL": "WARNING"}
    # Chromium takes localhost for a secure context, yet keeps __Host- cookies for https alone.
    return environ | {"COUNTERSIGN_INSECURE_COOKIES": "1", "COUNTERSIGN_DB_POOL": ""}


def _web(port: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "rsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--no-ws", "--log-level", "error", "console.rsgi:application",
    ]  # fmt: skip


def _worker() -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        sys.executable,
        "-m",
        "celery",
        "--app",
        "console.celery",
        "--quiet",
        "worker",
        "--concurrency",
        "1",
        *quiet,
    ]


@contextlib.contextmanager
def _running(command: list[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[Any]]:
    child = subprocess.Popen(command, cwd=ROOT, env=environ, start_new_session=True)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, "the web server did not start"
        time.sleep(0.05)
