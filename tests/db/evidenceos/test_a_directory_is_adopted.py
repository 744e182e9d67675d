"""A data directory is taken over without changing a byte; what does not verify is shown and keeps nothing else away."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from governance.evidenceos.actions.adopt import adopt
from governance.evidenceos.actions.target import SetTarget, TargetSettings, set_target
from governance.evidenceos.errors_of_targets import TargetInvalid, TargetUnknown, TargetUnreadable
from governance.evidenceos.models import Adoption, Artefact
from governance.evidenceos.selectors import canaries, events, files, nullspecs, settings_of
from governance.evidenceos.selectors.targets import any_target, problem, target, targets
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.core.roles import Role
from governance.identity.errors import NotAllowed
from governance.identity.selectors.principals import principal_of_person
from ledger.errors import RequestError
from ledger.selectors.leaves import EventFilter, events_in
from ledger.selectors.streams import stream
from tests.support.evidenceos import CONTRACT, NOW
from tests.support.evidenceos_files import ID, STORED, directory
from tests.support.evidenceos_target import SLUG, adopted, bytes_below, entered, put
from tests.support.world import SEED, found_platform, moment, person, place

pytestmark = pytest.mark.db
THEN = datetime.fromtimestamp(NOW + 60, UTC)


@pytest.fixture(autouse=True)
def _platform() -> None:
    found_platform()


def told_events(kind: str) -> int:
    return len(events_in(stream("_governance", "changes"), None, 50, EventFilter(type=kind)))


def test_a_sound_directory_is_adopted_without_changing_a_byte(tmp_path: Path) -> None:
    put(tmp_path, directory())
    before = bytes_below(tmp_path)
    entered(tmp_path)
    row = adopt(SLUG, by=SEED, at=moment(THEN))
    assert bytes_below(tmp_path) == before
    assert row.verdict != "rejected"
    assert {one["path"] for one in row.files} == set(directory())
    assert told_events("evidenceos:target:adopted") == 1
    assert "etl.log" not in set(Artefact.objects.values_list("path", flat=True))
    assert Artefact.objects.get(path=STORED).index == row.index


def test_a_malformed_file_is_shown_among_good_ones_and_isolated(tmp_path: Path) -> None:
    bad, odd = f"nullspec/{'00' * 32}.json", "trusted-nullspec-keys/odd.pub"
    put(tmp_path, directory() | {bad: b'{"schema":', odd: b"not hex"})
    one = adopted(tmp_path)
    rows = {row.path: row for row in nullspecs.nullspecs(one, THEN)}
    assert rows[bad].contract is None
    assert [fault.code for fault in rows[bad].faults] == ["evidenceos_json"]
    assert rows[STORED].contract == CONTRACT
    assert rows[STORED].is_active
    assert rows[STORED].is_registered
    kept = {row["path"]: row["verdict"] for row in Adoption.objects.get().files}
    assert kept[bad] == kept[odd] == "rejected"


def test_links_and_devices_are_not_followed_and_private_keys_not_read(tmp_path: Path) -> None:
    root = put(tmp_path / "data", directory() | {"keys/ab.key": b"secret" * 6})
    (tmp_path / "outside.json").write_bytes(CONTRACT.canonical())
    (root / f"nullspec/{'11' * 32}.json").symlink_to(tmp_path / "outside.json")
    os.mkfifo(root / "nullspec-registry/pipe")
    one = adopted(root)
    found = {row.path: row for row in files.files(one, THEN)}
    assert found[f"nullspec/{'11' * 32}.json"].faults[0].code == "file_unreadable"
    assert found["nullspec-registry/pipe"].verdict == "rejected"
    assert found["keys/ab.key"].digest == ""
    assert b"secret" not in json.dumps(Adoption.objects.get().files).encode()


def test_selectors_answer_from_the_directory(tmp_path: Path) -> None:
    one = adopted(tmp_path)
    view = nullspecs.nullspec(one, ID, THEN)
    assert (view.epochs_left, view.is_active) == (18, True)
    assert [row.what for row in nullspecs.history(one, ID, THEN)] == ["installed", "activated"]
    assert [row.oracle_id for row in settings_of.oracles(one, THEN)] == ["settle"]
    assert settings_of.epoch(one, THEN).forced == 12
    assert [(key.label, key.use) for key in settings_of.trusted_keys(one, THEN)] == [
        ("ops-k1", "operator"), ("ops-k1", "author"),
    ]  # fmt: skip
    assert canaries.canary(one, "settle::holdout-a", THEN).state == "ok"
    assert [row.event.event_type for row in events.events(one, THEN) if row.event is not None][:2] == [
        "oracle_ttl_set", "epoch_advanced",
    ]  # fmt: skip
    states = {state.name: state.state for row in files.files(one, THEN) if row.path == STORED for state in row.states}
    assert states == {"written": "yes", "reload_sent": "not_needed", "observed": "not_evaluated", "drifted": "no"}
    with pytest.raises(TargetUnknown):
        nullspecs.nullspec(one, "ff" * 32, THEN)


def test_a_change_on_the_disk_is_seen_at_once(tmp_path: Path) -> None:
    one = adopted(tmp_path)
    assert len(nullspecs.active_map(one, THEN)) == 1
    (tmp_path / "nullspec/active_map.json").write_bytes(b'{"mappings":[]}')
    assert nullspecs.active_map(one, THEN) == []


def test_a_target_of_another_tenant_is_as_unknown_as_none(tmp_path: Path) -> None:
    acme, zeta = place("acme"), place("zeta")
    adopted(tmp_path, tenant="acme")
    own = principal_of_person(person("a@acme.test", Role.TENANT_ADMIN, acme.tenant), today())
    other = principal_of_person(person("z@zeta.test", Role.TENANT_ADMIN, zeta.tenant), today())
    assert own is not None
    assert other is not None
    assert [one.slug for one in targets(own, today())] == [SLUG]
    assert targets(other, today()) == []
    refusals = set()
    for slug in (SLUG, "nobody"):
        with pytest.raises(TargetUnknown) as refused:
            target(other, slug, today())
        refusals.add((refused.value.code, refused.value.what))
    assert len(refusals) == 1
    assert targets(Principal(PrincipalKind.SYSTEM_KEY, "key:x", "x"), today()) == []


def test_a_directory_that_is_not_there_is_refused_with_its_reason(tmp_path: Path) -> None:
    one = entered(tmp_path / "absent")
    with pytest.raises(TargetUnreadable):
        adopt(SLUG, by=SEED, at=moment())
    found = problem(one, THEN)
    assert found is not None
    assert found.next_step
    assert any_target(SLUG).adopted is None


def test_only_somebody_at_the_server_enters_a_target_and_once_for_a_directory(tmp_path: Path) -> None:
    one = person("olga@acme.test", Role.PLATFORM_OPERATOR, None)
    by = principal_of_person(one, today())
    assert by is not None
    made = TargetSettings(path=tmp_path.resolve(), words="x")
    with pytest.raises(NotAllowed):
        set_target(SetTarget(slug="x", settings=made, by=by, at=moment()))
    entered(tmp_path, "one")
    for slug, settings in (("two", made), ("BAD", made), ("one", TargetSettings(path=Path("relative"), words="x"))):
        with pytest.raises(TargetInvalid):
            set_target(SetTarget(slug=slug, settings=settings, by=SEED, at=moment()))


def test_what_was_found_stays(tmp_path: Path) -> None:
    adopted(tmp_path)
    with pytest.raises(Exception, match=r"append-only"):
        Adoption.objects.update(verdict="verified")


def test_the_commands_answer_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, directory())
    call_command("evidenceos_target", SLUG, str(tmp_path.resolve()), "--json")
    call_command("evidenceos_adopt", SLUG, "--look", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["adopted"] is False
    assert Adoption.objects.count() == 0
    call_command("evidenceos_adopt", SLUG, "--json")
    for what in ("nullspecs", "active", "oracles", "epoch", "keys", "log-keys", "canaries", "events", "files", "plans"):
        call_command("evidenceos_show", SLUG, what, "--json")
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["target"] == SLUG
    call_command("evidenceos_show", SLUG, "nullspecs", ID, "--json")
    shown = json.loads(capsys.readouterr().out)["nullspecs"]
    assert shown["id_hex"] == ID
    assert len(shown["history"]) == 2
    with pytest.raises(Exception, match="no such contract") as refused:
        call_command("evidenceos_show", SLUG, "nullspecs", "00", "--json")
    assert isinstance(refused.value.__cause__, RequestError)


def today() -> datetime:
    return datetime.now(UTC)
