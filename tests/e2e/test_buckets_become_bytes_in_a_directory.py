"""In real browsers, on the real stack: from a file of buckets to exactly the signed bytes in a data directory, with two
approvals; activated, seen by the daemon, and taken back once. What an executor signs natively goes the same way.
"""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from nacl.signing import SigningKey
from playwright.sync_api import Browser, Locator, Page, Route, expect

from governance.change.core.native import full_form
from governance.change.models import Change, Word
from governance.evidenceos.core.directory import Asked
from governance.evidenceos.core.importing import read_directory
from governance.evidenceos.models import Plan, Reload
from tests.e2e.conftest import kept_up, served
from tests.support.clones import Clone
from tests.support.evidenceos_by_hand import ByHand, active_map, chances, contract, resolution, written
from tests.support.evidenceos_gate import EPOCH, PAIR
from tests.support.evidenceos_people import Hand, Room, cast
from tests.support.evidenceos_target import SLUG
from tests.support.hangups import HEARS_HANGUPS

pytestmark = [pytest.mark.db, pytest.mark.e2e]
COUNTS = (412, 268, 170, 96, 41, 13)
HOLDS_FOR = 2**53 + 1
"""Epochs: the first whole number that a double cannot hold."""
LONGEST = 2**64 - 1
ORACLE_TTL = 86_400
STATES = f"/evidenceos/targets/{SLUG}/files/"
MAP, EVENTS, RECORDS = "nullspec/active_map.json", "etl_governance_events.log", "oracle_operator_config.json"
SEEN_S = 120
"""Several looks of the watcher."""


@dataclass
class Stack:
    """Web server, scheduler and worker over the laboratory; `daemon.log` is what its daemon says."""

    url: str
    room: Room
    log: Path

    def files(self) -> dict[str, bytes]:
        root = self.room.root
        return {str(one.relative_to(root)): one.read_bytes() for one in sorted(root.rglob("*")) if one.is_file()}

    def daemon_says(self, words: str) -> None:
        with self.log.open("a") as log:
            log.write(f"2026-01-01T00:00:00Z  INFO evidenceos_daemon: {words}\n")


@pytest.fixture
def stack(ledger_db: Clone, tmp_path: Path) -> Iterator[Stack]:
    settings.COUNTERSIGN_STATE_DIR.mkdir(parents=True, exist_ok=True)
    log, told, pid = (tmp_path / name for name in ("daemon.log", "told", "daemon.pid"))
    log.write_text("2026-01-01T00:00:00Z  INFO evidenceos_daemon: event=config_reload at its start\n")
    (tmp_path / "data").mkdir()
    with daemon(told) as running:
        pid.write_text(str(running.pid))
        room = Room(
            tmp_path / "data", int(time.time()), reload=Reload.SIGNAL, pid_file=str(pid), log_file=str(log),
            epoch_seconds=21_600,
        )  # fmt: skip
        with served(ledger_db, settings.COUNTERSIGN_STATE_DIR) as (url, environ), kept_up(environ):
            yield Stack(url, room, log)


@contextlib.contextmanager
def daemon(told: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that can be told to reload, notes that it was, and says nothing in its log by itself."""
    script = 'trap "echo told >> $0" HUP; while :; do sleep 0.2; done'
    child = subprocess.Popen([*HEARS_HANGUPS, "/bin/bash", "-c", script, str(told)])
    try:
        yield child
    finally:
        child.kill()
        child.wait()


@pytest.fixture
def buckets(tmp_path: Path) -> Path:
    file = tmp_path / "buckets.csv"
    file.write_text("bucket,count\n" + "".join(f"{n},{one}\n" for n, one in enumerate(COUNTS)))
    return file


def by_hand(stack: Stack, file: Path) -> ByHand:
    """What has to come of the file."""
    calibration = stack.room.calibration
    return contract(
        chances(file), stack.room.private("ada"), oracle_id="settle", holdout_handle="holdout-a", created_by="ada",
        epoch_created=EPOCH, ttl_epochs=HOLDS_FOR, calibration_manifest_hash=[*calibration],
        oracle_resolution_hash=[*resolution(len(COUNTS), calibration, EPOCH, ORACLE_TTL)],
    )  # fmt: skip


def test_a_file_of_buckets_ends_as_the_signed_bytes_counts_and_is_taken_back_once(
    stack: Stack, browser: Browser, buckets: Path
) -> None:
    wanted, before = by_hand(stack, buckets), stack.files()
    with cast(browser, stack.room, stack.url, "ada", "ben", "cyd", "eva", "fay") as people, heard(people) as complaints:
        install = authored(people["ada"], wanted, buckets)
        swapped(people["ada"], wanted)
        people["ada"].does("Sign and submit", "install-submitted")
        carried(people, install, "install")
        check_installed(stack, wanted, before, install)
        activation = activated(people["ada"], wanted)
        carried(people, activation, "activate")
        check_activated(stack, wanted, activation)
        seen(stack, people["eva"], activation)
        taken_back_once(stack, people, activation, before)
    assert not complaints, complaints


@contextlib.contextmanager
def heard(people: dict[str, Hand]) -> Iterator[list[str]]:
    """What pages complain of, but for refusals that were asked for."""
    found: list[str] = []
    for one in people.values():
        one.page.on("console", lambda said: found.append(said.text) if said.type in {"error", "warning"} else None)
        one.page.on("pageerror", lambda raised: found.append(str(raised)))
    yield found
    found[:] = [one for one in found if "Failed to load resource" not in one]


def authored(ada: Hand, wanted: ByHand, buckets: Path) -> Change:
    """The page of authoring: the file, the plot, the id and the bytes as they form; then the draft."""
    page = ada.page
    ada.goes(f"/evidenceos/targets/{SLUG}/")
    page.get_by_role("link", name="Author a contract").click()
    page.wait_for_url("**/evidenceos/author/**")
    page.get_by_label("A file of buckets").set_input_files(buckets)
    expect(page.locator(".plot--bars g")).to_have_count(len(COUNTS), timeout=20_000)
    expect(page.locator("#forming")).to_contain_text("Still needed: Oracle")
    ada.shot("author-file")
    for label, value in {
        "Oracle": "settle", "Holdout": "holdout-a", "Weight of each bucket (alpha)": "1", "Author's key": "ada",
        "Epoch of its making": str(EPOCH), "Holds for epochs": str(HOLDS_FOR),
        "TTL of the oracle in epochs": str(ORACLE_TTL), "Hash of the calibration manifest": "ab" * 32,
        "Reason": "The calibration of May.",
    }.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    expect(page.get_by_label("Data directory")).to_have_value(SLUG)
    expect(page.locator(".author-id-hex")).to_have_text(wanted.id_hex)
    expect(page.locator("#payload")).to_have_text(wanted.payload.decode())
    expect(page.locator(".plot--lines polyline")).to_have_count(3)
    ada.shot("author-whole")
    page.get_by_role("button", name="Propose its installation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Install a NullSpec contract")
    ada.shot("install-draft")
    return Change.objects.latest("pk")


def swapped(ada: Hand, wanted: ByHand) -> None:
    """An altered page hands other bytes to the signing page: they are refused there, and nothing is signed."""
    other = wanted.payload.replace(str(HOLDS_FOR).encode(), str(HOLDS_FOR - 1).encode())
    assert other != wanted.payload

    def lie(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        told["native"]["artefacts"][0]["payload"] = base64.b64encode(other).decode()
        route.fulfill(response=answer, json=told)

    ada.page.route("**/statement/?verb=*", lie)
    signer = ada.presses("Sign and submit")
    expect(signer.get_by_role("heading", level=1)).to_have_text("Nothing can be signed")
    expect(ada.told("native_differs")).to_be_visible()
    assert not Word.objects.exists()
    ada.page.unroute("**/statement/?verb=*")
    signer.close()


def carried(people: dict[str, Hand], change: Change, shot: str) -> None:
    """Two approve, the lock runs out, a third executes; each on the signing page."""
    for name in ("ben", "cyd"):
        people[name].goes(f"/changes/{change.public_id}/")
        people[name].does("Approve", f"{shot}-{name}")
    people["cyd"].says("Approved. Its time lock is over")
    eva, end = people["eva"], time.monotonic() + 30
    eva.goes(f"/changes/{change.public_id}/")
    while not eva.page.get_by_role("button", name="Execute", exact=True).count():
        assert time.monotonic() < end, "the lock never ran out"
        time.sleep(0.5)
        eva.page.reload()
    eva.shot(f"{shot}-ready")
    eva.does("Execute", f"{shot}-executed")
    eva.says("Applied")


def check_installed(stack: Stack, wanted: ByHand, before: dict[str, bytes], change: Change) -> None:
    """Exactly the bytes that were signed, where they belong, and nothing else but upstream's line."""
    after = stack.files()
    made = wanted.files("settle")
    assert {path: after[path] for path in made} == made
    assert {path for path in after if after[path] != before.get(path)} == {*made, EVENTS}
    line = after[EVENTS].removeprefix(before[EVENTS])
    told = json.loads(line)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert list(told) == ["event_id", "event_type", "epoch", "key_id", "payload", "signature_ed25519", "countersign"]
    assert told["event_id"] == sha256(bytes.fromhex(wanted.id_hex)).hexdigest()
    assert (told["event_type"], told["epoch"], told["key_id"]) == ("nullspec_install", EPOCH, "ada")
    assert told["countersign"]["change"] == str(change.public_id)
    assert bytes.fromhex(told["signature_ed25519"]) == stack.room.private("ada").sign(wanted.payload).signature
    assert full_form(wanted.payload, bytes.fromhex(told["signature_ed25519"])) == wanted.whole
    check_imports(after)


def check_imports(files: dict[str, bytes]) -> None:
    """The strict importer finds no fault in the directory."""
    found = read_directory(files, Asked(now=int(time.time())))
    bad = {one.path: one.faults for one in found.files if one.verdict not in {"verified", "unread"}}
    assert not bad, bad


def activated(ada: Hand, wanted: ByHand) -> Change:
    """From the contract's own page to the change that lets it count, in review."""
    ada.goes(f"/evidenceos/targets/{SLUG}/nullspecs/{wanted.id_hex}/")
    ada.says("Not active")
    ada.shot("contract-installed")
    ada.page.get_by_role("link", name="Activate", exact=True).click()
    expect(ada.page.get_by_label("Contract", exact=True)).to_have_value(wanted.id_hex)
    return in_review(ada, "It replaces the contract of April.", "activate-form")


def in_review(ada: Hand, reason: str, shot: str) -> Change:
    """From a form that is filled in, with the effect computed beside it, to a change that others see."""
    page = ada.page
    page.get_by_label("Reason").fill(reason)
    expect(page.locator("#preview")).to_contain_text("2 people of ops sign it", timeout=15_000)
    ada.shot(shot)
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Submit for review").click()
    ada.says("In review: 0 of 2 approvals are given.")
    return Change.objects.latest("pk")


def check_activated(stack: Stack, wanted: ByHand, change: Change) -> None:
    files = stack.files()
    assert files[MAP] == active_map((PAIR["oracle_id"], PAIR["holdout_handle"], wanted.id_hex))
    told = json.loads(files[EVENTS].splitlines()[-1])
    assert (told["event_type"], told["countersign"]["change"]) == ("nullspec_activate", str(change.public_id))
    assert told["payload"]["holdout"] == PAIR["holdout_handle"]
    check_imports(files)


def seen(stack: Stack, eva: Hand, change: Change) -> None:
    """That it is written is one thing; that the daemon was seen to go by it another, which waits for its own line."""
    eva.goes(STATES)
    for words in ("written", "no reload needed", "observed: not evaluated", "not drifted"):
        expect(states_of(eva.page, MAP)).to_contain_text(words)
    on_its_page(eva, change, "Written", "No reload needed", "Observed: not evaluated", "Not drifted")
    eva.shot("activated-not-observed")
    stack.daemon_says("event=config_reload nullspec_mappings=1 forced_epoch=12")
    wait_for(lambda: Plan.objects.get(change=str(change.public_id)).observed, "nobody observed it")
    eva.goes(STATES)
    expect(states_of(eva.page, MAP)).not_to_contain_text("not evaluated")
    on_its_page(eva, change, "The daemon's log says config_reload")
    eva.shot("activated-observed")
    eva.goes(f"/evidenceos/targets/{SLUG}/safe-order/?change={change.public_id}")
    expect(eva.page.locator(".order")).to_contain_text("config_reload")
    eva.shot("safe-order-observed")


def on_its_page(one: Hand, change: Change, *words: str) -> None:
    """How far its bytes came, on the page of the change."""
    one.goes(f"/changes/{change.public_id}/")
    for told in words:
        expect(one.page.locator("#in-directory")).to_contain_text(told)


def states_of(page: Page, path: str) -> Locator:
    """The four states of a file, on the page of files."""
    return page.get_by_role("row").filter(has_text=path)


def taken_back_once(stack: Stack, people: dict[str, Hand], change: Change, before: dict[str, bytes]) -> None:
    """Two draft the way back that was signed; one applies it, and the map is as it was. The other is refused."""
    backs = {name: drafted_back(people[name], change) for name in ("fay", "eva")}
    eva, fay = people["eva"], people["fay"]
    eva.shot("way-back-draft")
    eva.does("Apply the way back", "way-back-applied")
    eva.says("Applied")
    after = stack.files()
    assert after[MAP] == before[MAP]
    check_imports(after)
    fay.goes(f"/changes/{backs['fay']}/")
    fay.signs(fay.presses("Apply the way back"))
    refusal = "It was taken back already"
    expect(fay.told(refusal)).to_contain_text("Propose a change of its own. (no_way_back)")
    fay.shot("way-back-refused")
    assert stack.files() == after
    eva.goes(f"/changes/{change.public_id}/")
    eva.says("It was taken back afterwards.")
    expect(eva.page.get_by_role("button", name="Draft the way back")).to_have_count(0)
    eva.shot("taken-back")
    eva.goes(STATES)
    eva.shot("files-after")


def drafted_back(one: Hand, change: Change) -> str:
    one.goes(f"/changes/{change.public_id}/")
    one.page.get_by_label("Take it back, because").fill("The holdout was drawn again.")
    one.page.get_by_role("button", name="Draft the way back").click()
    one.says("A way back that was signed with the change.")
    return one.page.url.rstrip("/").rpartition("/")[2]


def test_what_the_executor_signs_natively_is_told_to_the_daemon_and_seen(stack: Stack, browser: Browser) -> None:
    before = stack.files()
    with cast(browser, stack.room, stack.url, "ada", "ben", "cyd", "eva") as people, heard(people) as complaints:
        change = longer(people["ada"])
        carried(people, change, "ttl")
        files = stack.files()
        assert {path for path in files if files[path] != before[path]} == {RECORDS, EVENTS}
        check_record(files, stack.room.private("eva"))
        eva = people["eva"]
        wait_for(lambda: Plan.objects.get(change=str(change.public_id)).reload_sent, "nobody told the daemon")
        wait_for((stack.log.parent / "told").exists, "the daemon was not told")
        assert (stack.log.parent / "told").read_text() == "told\n"
        eva.goes(STATES)
        for words in ("written", "reload sent", "observed: not evaluated"):
            expect(states_of(eva.page, RECORDS)).to_contain_text(words)
        on_its_page(eva, change, "Reload sent", "Observed: not evaluated")
        eva.shot("ttl-not-observed")
        stack.daemon_says("event=config_reload oracle_ttls_after=1")
        wait_for(lambda: Plan.objects.get(change=str(change.public_id)).observed, "nobody observed it")
        eva.goes(STATES)
        expect(states_of(eva.page, RECORDS)).not_to_contain_text("not evaluated")
        eva.shot("ttl-observed")
    assert not complaints, complaints


def longer(ada: Hand) -> Change:
    """The longest TTL that 64 bits can say, from the page of oracles."""
    ada.goes(f"/evidenceos/targets/{SLUG}/oracles/")
    ada.shot("oracles")
    ada.page.get_by_role("link", name="Renew it or change its TTL").click()
    ada.page.get_by_label("TTL", exact=True).fill(str(LONGEST))
    return in_review(ada, "No second calibration is planned.", "ttl-form")


def check_record(files: dict[str, bytes], executor: SigningKey) -> None:
    """The record and upstream's event carry the executor's signatures over their bytes by the reference."""
    record = json.loads(files[RECORDS])["oracles"]["settle"]
    assert record["ttl_epochs"] == LONGEST
    names = (
        "calibration_epoch", "calibration_manifest_hash_hex", "disjointness_attestation", "key_id",
        "nonoverlap_proof_uri", "schema_version", "ttl_epochs", "updated_at_epoch",
    )  # fmt: skip
    payload = written({**{name: record[name] for name in names}, "oracle_id": "settle"})
    digest = sha256(b"evidenceos:oracle_operator_record:v1" + payload).digest()
    executor.verify_key.verify(digest, bytes.fromhex(record["signature_ed25519"]))
    told = json.loads(files[EVENTS].splitlines()[-1])
    message = written({name: told[name] for name in ("event_type", "epoch", "key_id", "payload")})
    assert told["payload"] == {"oracle_id": "settle", "ttl_epochs": LONGEST}
    assert told["event_id"] == sha256(message).hexdigest()
    executor.verify_key.verify(message, bytes.fromhex(told["signature_ed25519"]))
    check_imports(files)


def wait_for(found: Callable[[], object], told: str) -> None:
    """The watcher looks every few seconds."""
    end = time.monotonic() + SEEN_S
    while not found():
        assert time.monotonic() < end, (told, [*Plan.objects.values_list("kind", "state", "code", "why")])
        time.sleep(0.5)
