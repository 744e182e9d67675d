"""The registry of a data directory: what is in force, how it stands, and nothing of another tenant's."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.evidenceos.core.nullspec import Dirichlet, DiscreteBuckets
from governance.evidenceos.models import Effective
from governance.identity.core.roles import Role
from tests.support.evidenceos import signed, unsigned
from tests.support.evidenceos_registry import DECIDED, EARLIER, FROZEN, HOLDS, LAPSES, UNREADABLE, page_of, registry
from tests.support.evidenceos_target import LINE, decided
from tests.support.governed import POLICY, put_in_force
from tests.web.house import House, signed_in

AT = "/evidenceos/targets/lab/"
PARTS = (
    "", "nullspecs/", "oracles/", "settings/", "canaries/", f"canary/?key={FROZEN}", "ahead/", "events/",
    "files/", "safe-order/",
)  # fmt: skip
MOST = 12


@pytest.fixture
def lab(house: House, tmp_path: Path) -> Path:
    registry(tmp_path)
    return tmp_path


def text_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    body: str = answer.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body.partition("<main")[2] or body)).split())


def test_the_list_has_the_directories_that_exist_for_the_reader(lab: Path, admin: Client, stranger: Client) -> None:
    text = text_of(admin, "/evidenceos/")
    assert "1 data directory governed from here." in text
    assert "The laboratory" in text
    assert "The laboratory" not in text_of(stranger, "/evidenceos/")


def test_what_is_in_force_and_what_waits_stand_on_the_first_page(lab: Path, admin: Client) -> None:
    text = text_of(admin, AT)
    assert "1 of 2 active contracts holds now." in text
    assert "holdout-a" in text
    assert "fits the resolution in force" in text
    assert "20 epochs" in text
    assert "fits no resolution that can be computed" in text
    assert "epoch_control.json was altered" in text
    assert "stranger.pub" in text
    assert "The canary of settle on holdout-b is frozen" in text


def test_a_contract_that_cannot_be_read_is_shown_among_the_good_ones(lab: Path, admin: Client) -> None:
    text = text_of(admin, f"{AT}nullspecs/")
    assert UNREADABLE in text
    assert "not readable" in text
    for one in (HOLDS, LAPSES, EARLIER):
        assert one.nullspec_id.hex()[:12] in text
    assert "This file cannot be read as a contract." in text_of(admin, f"{AT}nullspecs/{'0' * 64}/")


def test_a_contract_has_its_plots_its_bytes_and_its_history(lab: Path, admin: Client) -> None:
    body = admin.get(page_of(HOLDS)).content.decode()
    assert body.count("plot--bars") == body.count("plot--lines") == 1
    text = text_of(admin, page_of(HOLDS))
    assert HOLDS.canonical().decode() in text
    assert "Active for settle on holdout-a: fits the resolution in force." in text
    assert "lapsed 7 epochs ago" in text_of(admin, page_of(EARLIER))


def test_two_contracts_are_told_apart_field_by_field(lab: Path, admin: Client) -> None:
    body = admin.get(f"{page_of(HOLDS)}?against={EARLIER.nullspec_id.hex()}").content.decode()
    assert body.count("plot--bars") == 2
    cells = re.findall(r'<tr( class="differs")?>\s*<td class="main-cell nowrap">([^<]+)', body)
    found = {name: bool(mark) for mark, name in cells}
    assert found["Chance of bucket 0"]
    assert found["Weight of bucket 2"]
    assert found["Epoch of its making"]
    assert not found["Chance of bucket 2"]
    assert not found["Oracle"]


def test_oracles_epoch_and_keys_are_told_with_what_rests_on_them(lab: Path, admin: Client) -> None:
    text = text_of(admin, f"{AT}oracles/")
    assert "settle" in text
    assert "fits the resolution in force" in text
    keys = text_of(admin, f"{AT}settings/")
    assert "Epoch 12 is forced for every claim." in keys
    assert "record of settle; forced epoch" in keys


def test_a_canary_is_plotted_over_time_against_its_barrier(lab: Path, admin: Client) -> None:
    text = text_of(admin, f"{AT}canaries/")
    assert "1 of 2 canaries frozen, 0 stale." in text
    body = admin.get(f"{AT}canary/?key={FROZEN}").content.decode()
    assert "plot-barrier" in body
    assert body.count('<circle class="plot-dot') == 61
    assert "Frozen: every execution is rejected" in text_of(admin, f"{AT}canary/?key={FROZEN}")
    assert admin.get(f"{AT}canary/?key=nothing").status_code == 404


def test_events_say_what_their_signatures_prove(lab: Path, admin: Client) -> None:
    text = text_of(admin, f"{AT}events/")
    assert "5 lines in upstream's log" in text
    assert "signed by its key" in text
    assert "proves nothing by itself" in text


def test_a_line_that_was_taken_out_again_is_told(lab: Path, admin: Client) -> None:
    place = lab / "etl_governance_events.log"
    whole = place.read_bytes()
    assert "not there any more" in text_of(admin, f"{AT}events/")
    line = json.dumps({**json.loads(LINE), "countersign": {"change": DECIDED}}).encode() + b"\n"
    place.write_bytes(whole.replace(LINE, line))
    assert "not there any more" not in text_of(admin, f"{AT}events/")


def test_each_of_the_four_states_stands_by_itself(lab: Path, admin: Client) -> None:
    text = text_of(admin, f"{AT}files/")
    assert "observed: not evaluated" in text
    assert "no reload needed" in text
    assert re.search(r"epoch_control.json .*? drifted", text)
    assert "Written by somebody else" in text


def test_what_differs_is_drafted_for_acceptance_by_its_bytes(lab: Path, admin: Client, viewer: Client) -> None:
    put_in_force(POLICY)
    asked = {"reason": "The key of our new colleague."}
    assert admin.get(f"{AT}files/accept/").status_code == 405
    assert viewer.post(f"{AT}files/accept/", asked).status_code == 403
    answer = admin.post(f"{AT}files/accept/", asked)
    assert answer.status_code == 302, answer.content
    text = text_of(admin, answer.headers["Location"])
    stranger = (lab / "trusted-nullspec-keys/stranger.pub").read_bytes()
    assert "Accept what somebody else wrote" in text
    assert sha256(stranger).hexdigest()[:12] in text
    assert "epoch_control.json" in text
    assert "Accept it as it is" in text_of(admin, f"{AT}files/")


def test_no_step_of_the_safe_order_holds_without_being_looked_at(lab: Path, admin: Client) -> None:
    text = text_of(admin, f"{AT}safe-order/?change={DECIDED}")
    assert "Stage the change “Install a NullSpec contract” was decided" in text
    assert "No reload is needed" in text
    assert "Frozen or stale: settle on holdout-b." in text
    assert "changed by somebody else. Find out who wrote there first." in text
    assert "Traffic may go on" not in text
    decided("lab", str(UUID(int=8)), {"trusted-nullspec-keys/next.pub": b"three"}, Effective.RESTART)
    text = text_of(admin, f"{AT}safe-order/")
    assert "Restart the daemon No restart was seen since" in text
    assert "This change takes a restart." in text


def test_what_lapses_stands_in_the_order_of_time_with_its_renewal(lab: Path, admin: Client) -> None:
    text = text_of(admin, f"{AT}ahead/")
    assert text.index("holdout-b") < text.index("holdout-a")
    assert "after epoch 14, 2 epochs left" in text
    assert "not known as a date" in text
    body = admin.get(f"{AT}ahead/").content.decode()
    assert f"/evidenceos/author/?target=lab&amp;renews={LAPSES.nullspec_id.hex()}" in body


def test_a_renewal_begins_with_what_the_contract_says_under_what_is_in_force(lab: Path, admin: Client) -> None:
    body = admin.get(f"/evidenceos/author/?target=lab&renews={EARLIER.nullspec_id.hex()}").content.decode()
    assert "0.25, 0.25, 0.5" in body
    assert 'value="settle"' in body
    assert 'value="86400"' in body
    assert "whole, not signed" in body
    assert "from epoch 12 through epoch 16" in body
    assert admin.get("/evidenceos/author/?target=lab&renews=ff").status_code == 404


def test_a_renewal_says_that_unequal_weights_are_not_carried_over(lab: Path, admin: Client) -> None:
    contract = signed(
        replace(unsigned(DiscreteBuckets((0.25, 0.25, 0.5)), Dirichlet((1.0, 2.0, 0.5))), epoch_created=3)
    )
    (lab / f"nullspec/{contract.nullspec_id.hex()}.json").write_bytes(contract.canonical())
    page = f"/evidenceos/author/?target=lab&renews={contract.nullspec_id.hex()}"
    text = text_of(admin, page)
    said = "The contract that is renewed has unequal weights (alpha): 1.0, 2.0, 0.5."
    assert said in text
    body = admin.get(page).content.decode()
    assert 'name="weights_before" value="1.0, 2.0, 0.5"' in body
    posted = {"weights_before": "1.0, 2.0, 0.5", "family": "buckets", "chances": "0.25, 0.25, 0.5", "alpha": "1"}
    assert said in html.unescape(admin.post("/evidenceos/author/forming/", posted).content.decode())
    assert "unequal weights" not in text_of(admin, f"/evidenceos/author/?target=lab&renews={EARLIER.nullspec_id.hex()}")


def test_a_directory_that_cannot_be_read_is_told(lab: Path, admin: Client) -> None:
    lab.rename(lab.with_name("moved"))
    assert "Code: target_unreadable." in text_of(admin, AT, 422)
    assert "The laboratory" in text_of(admin, "/evidenceos/")


@pytest.mark.parametrize("part", [*PARTS, "contract"])
def test_a_page_takes_few_queries(lab: Path, admin: Client, part: str) -> None:
    path = page_of(HOLDS) if part == "contract" else AT + part
    admin.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert admin.get(path).status_code == 200
    told = [one["sql"][:160] for one in queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(told) <= MOST, "\n".join(told)


@pytest.mark.parametrize("part", [*PARTS, f"nullspecs/{HOLDS.nullspec_id.hex()}/"])
def test_another_tenants_directory_is_as_unknown_as_none(lab: Path, stranger: Client, part: str) -> None:
    assert stranger.get(AT + part).status_code == 404
    assert stranger.get(AT.replace("lab", "none") + part).status_code == 404


def test_whoever_reads_no_changes_reads_no_directory(lab: Path, viewer: Client, house: House) -> None:
    assert viewer.get(AT).status_code == 403
    auditor = signed_in(Client(), house.person(Role.INTERNAL_AUDITOR, email="ina@acme.test"))
    assert auditor.get(AT).status_code == 200
