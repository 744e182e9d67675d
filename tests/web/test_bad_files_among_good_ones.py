"""Files that cannot be read or do not verify, among good ones: shown with their reason everywhere, and none dropped."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from governance.evidenceos.core.jsons import compact
from governance.evidenceos.core.keys import write_hex_file
from governance.evidenceos.core.operator import write_operator_config
from tests.support.evidenceos import CONTRACT, RECORD, STRANGER, sign, signed, unsigned
from tests.support.evidenceos_files import DETACHED, SETTLEMENT, directory
from tests.support.evidenceos_target import adopted, bytes_below, entered, put
from tests.web.house import House

AT = "/evidenceos/targets/lab/"
FOREIGN = signed(replace(unsigned(), ttl_epochs=7), STRANGER)
Told = Callable[..., dict[str, Any]]


def two_records() -> bytes:
    """A sound record, and one as evidenceosctl writes it."""
    value = json.loads(write_operator_config({"settle": RECORD}))
    text = {**value["oracles"]["settle"], "disjointness_attestation": "operator-attested-disjoint"}
    return json.dumps({"oracles": {**value["oracles"], "broken": text}}).encode()


def two_canaries() -> bytes:
    value = json.loads(directory()["state.json"])
    return compact({"canary_states": [*value["canary_states"], ["broken::holdout", {"e_drift": "none"}]]})


BAD = {
    "nullspec/" + "0" * 64 + ".json": (b'{"schema":', "evidenceos_json"),
    f"nullspec/{FOREIGN.nullspec_id.hex()}.json": (FOREIGN.canonical(), "nullspec_signature_wrong"),
    DETACHED: (write_hex_file(sign(STRANGER, CONTRACT.canonical())), ""),
    "trusted-nullspec-keys/bad.pub": (b"no key", "evidenceos_field_malformed"),
    "oracle_operator_config.json": (two_records(), "evidenceos_field_malformed"),
    "etl_governance_events.log": (directory()["etl_governance_events.log"] + b"not json\n", "evidenceos_json"),
    "state.json": (two_canaries(), "evidenceos_field_missing"),
}
REGISTERED = DETACHED.removesuffix(".sig") + ".json"
TOLD = {path: code for path, (_, code) in BAD.items() if code} | {REGISTERED: "registry_signature_wrong"}
UNTOUCHED = ("etl.log", "etl.log.leaves", SETTLEMENT)
"""What no change writes: read by an adoption, and where everything is asked for."""
GOOD = f"nullspec/{CONTRACT.nullspec_id.hex()}.json"


@pytest.fixture
def root(house: House, tmp_path: Path) -> Path:
    return put(tmp_path, directory() | {path: data for path, (data, _) in BAD.items()})


@pytest.fixture
def told(root: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    def run(name: str, *words: str) -> dict[str, Any]:
        capsys.readouterr()
        with suppress(CommandError):
            call_command(name, "lab", *words, "--json")
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run


def text_of(client: Client, path: str) -> str:
    body = client.get(path).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body.partition("<main")[2])).split())


def codes(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {row["path"]: [one["code"] for one in row["faults"]] for row in rows}


def assert_all(found: dict[str, list[str]], verdicts: dict[str, str]) -> None:
    assert set(found) | set(UNTOUCHED) >= set(directory()) | set(BAD)
    for path, code in TOLD.items():
        assert code in found[path], path
        assert verdicts[path] == "rejected"
    assert verdicts[GOOD] == "verified"


def test_the_import_shows_each_before_and_after_adoption_and_changes_no_byte(root: Path, told: Told) -> None:
    entered(root)
    before = bytes_below(root)
    for words in (("--look",), ()):
        answer = told("evidenceos_adopt", *words)
        assert answer["verdict"] == "rejected"
        assert_all(codes(answer["files"]), {row["path"]: row["verdict"] for row in answer["files"]})
    assert bytes_below(root) == before


def test_the_commands_show_each_and_exit_by_the_verdict(root: Path, told: Told) -> None:
    adopted(root)
    for answer in (told("evidenceos_show", "files"), told("evidenceos_verify")):
        assert_all(codes(answer["files"]), {row["path"]: row["verdict"] for row in answer["files"]})
    with pytest.raises(CommandError) as found:
        call_command("evidenceos_verify", "lab", "--json")
    assert found.value.returncode == 1
    assert len(told("evidenceos_show", "nullspecs")["nullspecs"]) == 3
    assert [row["oracle_id"] for row in told("evidenceos_show", "oracles")["oracles"]] == ["settle"]
    events = told("evidenceos_verify", "events")
    assert events["verdict"] == "rejected"
    assert [row["event"] is None for row in events["events"]] == [False, False, False, False, True]
    assert [row["key"] for row in told("evidenceos_show", "canaries")["canaries"]] == ["settle::holdout-a"]


@pytest.mark.parametrize("is_adopted", [False, True])
def test_the_pages_show_each(root: Path, admin: Client, is_adopted: bool) -> None:  # noqa: FBT001  (a case)
    (adopted if is_adopted else entered)(root, tenant="acme")
    text = text_of(admin, f"{AT}files/")
    for path, code in TOLD.items():
        after = text[text.index(path) :]
        assert code in after[: after.index("SHA-256", 9) if "SHA-256" in after else len(after)][:3_000]
    shown = text_of(admin, f"{AT}nullspecs/")
    for one in (CONTRACT, FOREIGN):
        assert one.nullspec_id.hex()[:12] in shown
    assert "not readable" in shown
    oracles = text_of(admin, f"{AT}oracles/")
    assert "settle" in oracles
    assert "broken" in oracles
    assert "evidenceos_field_missing" in text_of(admin, f"{AT}canaries/")
    assert "trusted-nullspec-keys/bad.pub" in text_of(admin, f"{AT}settings/")
    assert "line 5" in text_of(admin, f"{AT}events/").lower()
