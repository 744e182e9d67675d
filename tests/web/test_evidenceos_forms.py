"""Changes of a data directory are proposed on pages: what is typed there is what the API would be given."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.forms.changes import FORMS
from console.forms.changes.targets import OfTargetForm
from governance.change.actions.draft import draft_change
from governance.change.actions.own_incident import open_incident
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.evidenceos.core.canary import CanaryConfig, begun
from governance.evidenceos.core.floats import U64_MAX
from governance.evidenceos.core.jsons import compact
from governance.evidenceos.core.operator import read_operator_config, record_faults
from governance.identity.core.roles import Role
from ledger.core.types import JSONObject
from tests.support.clones import Clone
from tests.support.evidenceos import public
from tests.support.evidenceos_gate import EPOCH, PAIR, Gate
from tests.support.evidenceos_target import SLUG, adopted, entered
from tests.support.world import moment, person, place, signed_in

pytestmark = pytest.mark.db
KINDS = [one.kind for one in FORMS if issubclass(one, OfTargetForm)]
MOST = 12


@pytest.fixture
def gate(ledger_db: Clone, tmp_path: Path) -> Gate:
    (tmp_path / "data").mkdir()
    return Gate(tmp_path / "data")


def at(kind: str) -> str:
    return f"/changes/new/{kind}/"


def text(answer: Any) -> str:
    body = answer.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body.partition("<main")[2] or body)).split())


def ada(gate: Gate) -> Client:
    return signed_in(gate.it["ada"].row)


def stored(gate: Gate, **more: Any) -> str:
    """A contract of ada's in the store, by its id."""
    return sha256(gate.installed(gate.contract(**more)).signing_payload()).hexdigest()


def counting(gate: Gate) -> str:
    """One that counts."""
    contract = gate.installed(gate.contract())
    gate.applied("nullspec.activate", gate.activate_body(contract))
    return sha256(contract.signing_payload()).hexdigest()


def incident(gate: Gate) -> str:
    """One that ben opened."""
    row = open_incident("drift", "The feed was replaced.", tenant=None, by=gate.it["ben"].principal(), at=moment())
    return str(row.public_id)


def keys(gate: Gate) -> list[JSONObject]:
    return [{"label": name, "public": public(gate.private(name)).hex()} for name in ("eva", "fay", "ben")]


Case = Callable[[Gate], tuple[dict[str, Any], JSONObject]]


def _install(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    contract = gate.contract(ttl_epochs=2**53 + 1)
    typed = json.dumps(json.loads(contract.signing_payload()), indent=2)
    return {"contract": typed, "lane": "fast", "epoch": ""}, gate.install_body(contract)


def _activate(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    name = stored(gate)
    body: JSONObject = {"target": SLUG, **PAIR, "nullspec_id": name, "lane": "fast", "epoch": str(EPOCH)}
    return {"nullspec_id": name, "lane": "fast", "epoch": str(EPOCH)}, body


def _retire(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    counting(gate)
    return {"pair": json.dumps(["settle", "holdout-a"])}, {"target": SLUG, **PAIR}


def _register(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    fields: dict[str, Any] = {
        "oracle_id": "second", "ttl_epochs": str(U64_MAX), "calibration_manifest_hash": "cd" * 32,
        "calibration_epoch": str(2**60), "nonoverlap_proof_uri": "https://proofs.test/7",
    }  # fmt: skip
    inner = {"scope": "all of May", "proof_sha256": "ef" * 32}
    return {**fields, **inner}, gate.body("oracle.register", **fields, attestation=inner)


def _ttl(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    fields = {"oracle_id": "settle", "ttl_epochs": str(2**53 + 1)}
    return fields, gate.body("oracle.ttl", **fields)


def _calibration(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    fields = {"oracle_id": "settle", "calibration_manifest_hash": "12" * 32, "calibration_epoch": ""}
    return fields, gate.body("oracle.calibration", **{**fields, "calibration_epoch": None})


def _advance(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    return {"to": str(EPOCH + 1)}, gate.body("epoch.advance", to=str(EPOCH + 1))


def _irregular(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    return {"to": str(U64_MAX)}, gate.body("epoch.irregular", to=str(U64_MAX))


def _canary(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    frozen = replace(begun(CanaryConfig()), e_drift=41.5, last_epoch_checked=11, drift_frozen=True)
    states: Any = [["settle::holdout-a", frozen.to_json()]]
    (gate.root / "state.json").write_bytes(compact({"canary_states": states}))
    name = incident(gate)
    body: JSONObject = {"target": SLUG, "claim_name": "settle", "holdout": "holdout-a", "incident": name}
    return {"stream": "settle::holdout-a", "incident": name}, body


def _keys(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    typed = "\n".join(f"{row['label']} {row['public']}" for row in keys(gate))
    return {"keys": typed}, {"target": SLUG, "keys": [*keys(gate)]}


def _etl(gate: Gate) -> tuple[dict[str, Any], JSONObject]:
    named = public(gate.private("ben")).hex()
    return {"public": named.upper()}, {"target": SLUG, "public": named}


CASES: dict[str, Case] = {
    "nullspec.install": _install, "nullspec.activate": _activate, "nullspec.retire": _retire,
    "oracle.register": _register, "oracle.ttl": _ttl, "oracle.calibration": _calibration,
    "epoch.advance": _advance, "epoch.irregular": _irregular, "canary.reset": _canary, "oracle_keys.set": _keys,
    "etl_key.rotate": _etl,
}  # fmt: skip


def test_every_kind_of_a_directory_is_tried() -> None:
    assert set(CASES) == set(KINDS)


def said(row: Change) -> dict[str, Any]:
    """Everything of a draft that people sign, but its id, its time and its place."""
    revision = row.revisions.get(number=row.revision)
    names = ("body", "reason", "base", "result", "direction", "invalidates", "way_back", "policy", "rule")
    return {"type": row.type, "subject": row.subject, **{name: getattr(revision, name) for name in names}}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_typed_drafts_the_statement_that_the_api_would(gate: Gate, kind: str) -> None:
    typed, body = CASES[kind](gate)
    answer = ada(gate).post(at(kind), {"target": SLUG, **typed, "reason": "Agreed."})
    assert answer.status_code == 302, text(answer)
    row = Change.objects.get(public_id=answer["Location"].rstrip("/").rpartition("/")[2])
    by_api = draft_change(kind, body, "Agreed.", by=gate.it["ada"].principal(), at=moment())
    assert said(row) == said(by_api)


@pytest.mark.parametrize("kind", KINDS)
def test_the_effect_and_every_check_are_told_before_anything_is_kept(gate: Gate, kind: str) -> None:
    typed, body = CASES[kind](gate)
    before = Change.objects.count()
    told = text(ada(gate).post(f"{at(kind)}effect/", {"target": SLUG, **typed, "reason": ""}))
    assert "Takes effect" in told
    assert "Checked before anybody signs" in told
    assert "2 people of ops sign it" in told
    assert Change.objects.count() == before
    del body


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_begins_with_what_was_drafted(gate: Gate, kind: str) -> None:
    typed, body = CASES[kind](gate)
    row = draft_change(kind, body, "Agreed.", by=gate.it["ada"].principal(), at=moment())
    here, address = ada(gate), f"/changes/{row.public_id}/edit/"
    begun = typed_in(here.get(address).content.decode())
    assert begun["target"] == SLUG
    answer = here.post(address, {**begun, "reason": "Agreed twice."})
    assert answer.status_code == 302, text(answer)
    row.refresh_from_db()
    assert row.revision == 2
    assert row.revisions.get(number=2).body == body
    del typed


def typed_in(page: str) -> dict[str, str]:
    """What the form on a page holds."""
    form = page.partition('<form class="sheet"')[2].partition("</form>")[0]
    found = {name: html.unescape(value) for name, value in re.findall(
        r'<input type="text" name="(\w+)"(?: value="([^"]*)")?', form)}  # fmt: skip
    found |= {name: html.unescape(value).strip() for name, value in re.findall(
        r'<textarea name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL)}  # fmt: skip
    for name, inner in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def test_buttons_of_the_registry_open_the_form_filled_in_with_its_effect(gate: Gate) -> None:
    here, name = ada(gate), counting(gate)
    page = here.get(f"/evidenceos/targets/{SLUG}/nullspecs/{name}/").content.decode()
    (address,) = re.findall(r'href="(/changes/new/nullspec.retire/[^"]*)"', page)
    shown = here.get(html.unescape(address))
    assert typed_in(shown.content.decode())["pair"] == json.dumps(["settle", "holdout-a"])
    assert "Claims of this pair are refused: none is active." in text(shown)
    for part, kind, said_there in (
        ("oracles/", "oracle.ttl", "signed anew as it is"), ("oracles/", "oracle.register", "Fill the fields in"),
        ("oracles/", "oracle.calibration", "Fill the fields in"),
        ("settings/", "epoch.advance", "It counts when the daemon was restarted"),
        ("settings/", "epoch.irregular", "Fill the fields in"),
        ("settings/", "oracle_keys.set", "effect_refused"), ("settings/", "etl_key.rotate", "Fill the fields in"),
        ("canary/?key=settle::holdout-a", "canary.reset", "Fill the fields in"),
        ("ahead/", "oracle.ttl", "signed anew as it is"),
    ):  # fmt: skip
        page = here.get(f"/evidenceos/targets/{SLUG}/{part}").content.decode()
        found = re.findall(rf'href="(/changes/new/{kind}/[^"]*)"', page)
        assert found, (part, kind)
        shown = here.get(html.unescape(found[0]))
        assert typed_in(shown.content.decode())["target"] == SLUG
        assert said_there in text(shown), text(shown)


def test_a_contract_that_waits_is_activated_from_its_page(gate: Gate) -> None:
    here, name = ada(gate), stored(gate)
    page = here.get(f"/evidenceos/targets/{SLUG}/nullspecs/{name}/").content.decode()
    (address,) = re.findall(r'href="(/changes/new/nullspec.activate/[^"]*)"', page)
    shown = here.get(html.unescape(address))
    assert typed_in(shown.content.decode())["nullspec_id"] == name
    assert "It counts at once" in text(shown)


def test_each_failing_check_stands_with_its_reason_and_what_to_do(gate: Gate) -> None:
    lapsed, foreign = gate.contract(epoch_created=1, ttl_epochs=2), gate.contract(created_by="nobody")
    unbound = gate.contract(oracle_resolution_hash=bytes(32))
    for contract, reasons in (
        (lapsed, ("The contract holds no more. nullspec_expired",)),
        (unbound, ("nullspec_resolution_mismatch",)),
        (foreign, ("The contract's author is in no keyring. nullspec_key_unknown: 'nobody' is in no keyring",)),
    ):
        typed = {"target": SLUG, "contract": contract.signing_payload().decode(), "lane": "fast"}
        told = text(ada(gate).post(f"{at('nullspec.install')}effect/", typed))
        for reason in reasons:
            assert reason in told
        assert "Prepare a new contract" in told or "Find out whose key it is" in told


def test_what_breaks_and_when_it_counts_are_told_before_anybody_signs(gate: Gate) -> None:
    counting(gate)
    typed = {"target": SLUG, "oracle_id": "settle", "ttl_epochs": "90000"}
    told = text(ada(gate).post(f"{at('oracle.ttl')}effect/", typed))
    assert "fits no claim that is frozen afterwards" in told
    assert "It counts when the daemon was restarted" in told
    assert "86,400" in told
    assert "90,000" in told


def test_a_refusal_stands_beside_its_field(gate: Gate) -> None:
    here = ada(gate)
    for kind, typed, field, reason in (
        ("epoch.irregular", {"to": str(EPOCH + 1)}, "to", "An advance goes to the next epoch"),
        ("epoch.irregular", {"to": str(2**64)}, "to", "less than or equal to 18446744073709551615"),
        ("nullspec.install", {"contract": "{"}, "contract", "evidenceos_json"),
        ("oracle_keys.set", {"keys": "eva nothing"}, "keys", "Line 1 is no label"),
        ("oracle_keys.set", {"keys": f"eva {'00' * 32}"}, "keys", "This is no key"),
        ("etl_key.rotate", {"public": "ab"}, "public", "64 hexadecimal digits belong here"),
        ("oracle.ttl", {"oracle_id": "unheard-of", "ttl_epochs": "3"}, "oracle_id", "Select a valid choice"),
        ("canary.reset", {"stream": "settle::holdout-a", "incident": ""}, "incident", "This field is required"),
    ):
        answer = here.post(at(kind), {"target": SLUG, **typed, "reason": "Agreed."})
        assert answer.status_code == 422
        beside = re.search(rf'id="id_{field}-error">(.*?)</p>', answer.content.decode(), re.DOTALL)
        assert beside is not None, (kind, text(answer))
        assert reason in html.unescape(beside[1]), beside[1]
    assert not Change.objects.exists()


def test_choosing_another_directory_reads_what_that_one_has(gate: Gate, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    adopted(tmp_path / "other", "other")
    here = ada(gate)
    assert typed_in(here.get(at("oracle_keys.set")).content.decode())["target"] == ""
    asked = {"step": "read", "target": SLUG, "keys": "mine " + "ab" * 32, "reason": "Agreed."}
    answer = here.post(at("oracle_keys.set"), asked)
    assert answer.status_code == 200
    found = typed_in(answer.content.decode())
    assert public(gate.private("eva")).hex() in found["keys"]
    assert found["reason"] == "Agreed."
    other = typed_in(here.post(at("oracle_keys.set"), {**asked, "target": "other"}).content.decode())
    assert public(gate.private("eva")).hex() not in other["keys"]
    assert not Change.objects.exists()


def test_without_an_adopted_directory_the_form_says_what_comes_first(ledger_db: Clone, tmp_path: Path) -> None:
    from tests.support.governed import world  # noqa: PLC0415 - a world without a directory

    here = signed_in(world()["ada"].row)
    assert "evidenceos_target" in text(here.get(at("oracle.ttl")))
    entered(tmp_path)
    told = text(here.get(at("oracle.ttl")))
    assert "No data directory is adopted yet" in told
    assert "evidenceos_adopt lab" in told
    assert "Save the draft" not in told


def test_a_directory_that_is_away_is_told_with_code_and_next_step(gate: Gate) -> None:
    gate.root.rename(gate.root.with_name("moved"))
    for kind in KINDS:
        answer = ada(gate).get(f"{at(kind)}?target={SLUG}")
        assert answer.status_code == 200
        assert "target_unreadable" in text(answer), kind


def test_another_tenants_directory_is_as_unknown_as_none(gate: Gate, tmp_path: Path) -> None:
    other = place("zeta")
    (tmp_path / "zeta").mkdir()
    adopted(tmp_path / "zeta", "zeta-lab", tenant="zeta")
    author = person("abe@acme.test", Role.AUTHOR, gate.it.acme.tenant, decided=True)
    here = signed_in(author)
    for kind in KINDS:
        pages = [here.get(f"{at(kind)}?target={slug}").content.decode() for slug in ("zeta-lab", "none")]
        theirs, nobodys = (page.partition('id="change-form"')[2].partition("</main")[0] for page in pages)
        hidden = re.compile(r'csrfmiddlewaretoken" value="[^"]*"')
        assert "Choose a directory" in theirs or "evidenceos_target" in pages[0]
        assert hidden.sub("", theirs).replace("zeta-lab", "none") == hidden.sub("", nobodys)
        assert "zeta-lab</option>" not in theirs
    del other


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_and_its_effect_take_few_questions(gate: Gate, kind: str) -> None:
    typed, _ = CASES[kind](gate)
    here = ada(gate)
    for method, address in (("GET", f"{at(kind)}?target={SLUG}"), ("POST", f"{at(kind)}effect/")):
        data = {"target": SLUG, **typed} if method == "POST" else None
        ask = here.post if method == "POST" else here.get
        ask(address, data)
        with CaptureQueriesContext(connection) as asked:
            assert ask(address, data).status_code == 200
        told = [one["sql"][:160] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(told) <= MOST, "\n".join(told)


def test_an_applied_change_leads_to_its_bytes_in_four_states(gate: Gate) -> None:
    row = gate.applied("oracle.ttl", gate.body("oracle.ttl", oracle_id="settle", ttl_epochs="90000"))
    told = text(ada(gate).get(f"/changes/{row.public_id}/"))
    assert "In the data directory" in told
    assert "Written , " in told
    assert "Not reload sent . Nobody told the daemon: restart it by hand." in told
    assert "Observed: not evaluated" in told
    assert "Not drifted . They are what was written." in told
    assert "oracle_operator_config.json" in told
    body = ada(gate).get(f"/changes/{row.public_id}/").content.decode()
    assert f"/evidenceos/targets/{SLUG}/safe-order/?change={row.public_id}" in body
    (gate.root / "oracle_operator_config.json").write_bytes(b"{}")
    from governance.evidenceos.actions.watch import tend  # noqa: PLC0415 - beside what it shows

    tend(moment())
    assert "Drifted , " in text(ada(gate).get(f"/changes/{row.public_id}/"))


def test_a_renewal_signs_the_same_record_anew_and_breaks_nothing(gate: Gate) -> None:
    counting(gate)
    body = gate.body("oracle.ttl", oracle_id="settle", ttl_epochs="86400")
    gate.it.pass_time(2)
    row = gate.ready("oracle.ttl", body)
    row = gate.say(row, Verb.EXECUTE, "fay")
    told = said(row)
    assert told["base"] == told["result"]
    assert told["way_back"] is None
    assert not any("fits no claim" in one for one in told["invalidates"])
    record = read_operator_config((gate.root / "oracle_operator_config.json").read_bytes())[0]["settle"]
    assert (record.ttl_epochs, record.key_id) == (86_400, "fay")
    assert record.updated_at_epoch > gate.record().updated_at_epoch
    trusted = {name: public(gate.private(name)) for name in ("eva", "fay")}
    assert not list(record_faults("settle", record, trusted))
