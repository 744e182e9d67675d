"""The key that seals keys is changed: every secret is sealed anew, killed or not, and nobody else may write one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from nacl.signing import SigningKey as Ed25519

from console.demo.recovery import recovery_key
from governance.identity.actions.create_person import create_person
from governance.identity.actions.create_recovery_codes import create_recovery_codes
from governance.identity.actions.enrol_totp import enrol_totp
from governance.identity.core.principal import machine
from governance.identity.models import Authenticator
from governance.identity.models.second_factor import RecoveryDevice
from governance.identity.moment import Moment
from ledger.errors import KeyUnusable
from ledger.models import SigningKey, Stream
from ledger.selectors import keys
from ledger.selectors.streams import StreamView
from ledger.services import resealing
from ledger.services.lookup import lookup_key
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.storage import signer
from ledger.storage.sealing import NONCE_BYTES, associated, seal
from tests.support.clones import Clone
from tests.support.failpoints import KilledError, killed
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
NEW = bytes(range(32, 64))


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    ensure_platform()
    made = new_stream()
    append(made, *events(range(3)))
    return made


@pytest.fixture
def ring(settings: Any) -> Iterator[Any]:
    """The new key first, the old one for opening."""
    old = settings.COUNTERSIGN_SEAL_KEY
    settings.COUNTERSIGN_SEAL_KEY, settings.COUNTERSIGN_SEAL_KEYS_BEFORE = NEW, (old,)
    yield settings
    forget()


def forget() -> None:
    keys.forget()
    signer._open.cache_clear()
    lookup_key.cache_clear()


def rotate(capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    capsys.readouterr()
    call_command("seal_key_rotate", "--json", *more)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def works(stream: StreamView) -> None:
    """Append, receipt and seal, with nothing remembered."""
    forget()
    append(fresh(stream), event(f"at {fresh(stream).size}"))
    assert seal_window(stream.id, reason="request") is not None


def test_everything_opens_under_the_new_key_alone(
    stream: StreamView, ring: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    works(stream)
    dry = rotate(capsys, "--dry-run")
    assert (dry["done"], dry["sealed_anew"]) == (False, 16)
    assert rotate(capsys)["sealed_anew"] == 16
    assert rotate(capsys)["sealed_anew"] == 0
    ring.COUNTERSIGN_SEAL_KEYS_BEFORE = ()
    works(stream)


def test_killed_in_the_middle_it_is_gone_on_with(
    stream: StreamView, ring: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 3)
    write, batches = resealing._write, iter(range(2))

    def twice(fresh: Any) -> None:
        write(fresh) if next(batches, None) is not None else killed()

    with monkeypatch.context() as dead:
        dead.setattr(resealing, "_write", twice)
        with pytest.raises(KilledError):
            call_command("seal_key_rotate", "--json")
    works(stream)
    assert rotate(capsys)["sealed_anew"] == 10
    ring.COUNTERSIGN_SEAL_KEYS_BEFORE = ()
    works(stream)


def test_second_factors_go_along(stream: StreamView, ring: Any, capsys: pytest.CaptureFixture[str]) -> None:
    new, old = ring.COUNTERSIGN_SEAL_KEY, ring.COUNTERSIGN_SEAL_KEYS_BEFORE
    ring.COUNTERSIGN_SEAL_KEY, ring.COUNTERSIGN_SEAL_KEYS_BEFORE = old[0], ()
    by, at = machine("machine:tests"), Moment(datetime.now(UTC), os.urandom)
    person = create_person("ada@acme.example", "Ada", "correct horse battery staple 7", by=by, at=at)
    enrol_totp(person, bytes(20), by=by, at=at)
    codes = create_recovery_codes(person, by=by, at=at)
    ring.COUNTERSIGN_SEAL_KEY, ring.COUNTERSIGN_SEAL_KEYS_BEFORE = new, old
    assert rotate(capsys)["derived_keys_kept"] == 1
    ring.COUNTERSIGN_SEAL_KEYS_BEFORE = ()
    assert Authenticator.objects.get().verify_token("nonsense") is False
    Authenticator.objects.get()._takes(1)
    assert RecoveryDevice.objects.get().verify_token(next(iter(codes)))


def test_the_demos_recovery_files_go_along(stream: StreamView, ring: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ring.COUNTERSIGN_STATE_DIR / "demo" / "recovery"
    public = recovery_key(folder, "test.localhost/log/acme/kept", os.urandom)
    new_stream("kept", recovery_key=public)
    before = (folder / "acme.kept.sealed").read_bytes()
    assert rotate(capsys)["sealed_anew"] == 16
    assert (folder / "acme.kept.sealed").read_bytes() == before
    old = ring.COUNTERSIGN_SEAL_KEYS_BEFORE
    ring.COUNTERSIGN_SEAL_KEY, ring.COUNTERSIGN_SEAL_KEYS_BEFORE = bytes(32), (NEW, *old)
    assert rotate(capsys)["sealed_anew"] == 21
    assert (folder / "acme.kept.sealed").read_bytes() != before


def test_without_a_second_key_nothing_is_rotated(stream: StreamView) -> None:
    with pytest.raises(CommandError, match="one seal key alone"):
        call_command("seal_key_rotate")


def test_the_runtime_role_may_not_seal_anew(stream: StreamView, ledger_db: Clone) -> None:
    row = SigningKey.objects.get(stream_id=stream.id, use="receipt")
    with psycopg.connect(ledger_db.runtime_url, autocommit=True) as runtime:
        runtime.execute("SET countersign.reseal = 'on'")
        with pytest.raises(psycopg.errors.RestrictViolation):
            runtime.execute("UPDATE ledger_signingkey SET sealed = %s WHERE id = %s", [os.urandom(73), row.pk])


def test_the_owner_says_so_and_changes_nothing_else(
    stream: StreamView, owner_connection: psycopg.Connection[Any]
) -> None:
    row = SigningKey.objects.get(stream_id=stream.id, use="receipt")
    sealed = bytes(row.sealed or b"")
    update = "UPDATE ledger_signingkey SET {} WHERE id = %s"
    for said, change in (
        (False, "sealed = set_byte(sealed, 30, 1)"),
        (True, "sealed = NULL"),
        (True, "sealed = '\\x00'"),
        (True, "sealed = set_byte(sealed, 30, 1), kid = 'other'"),
    ):
        owner_connection.execute("SET countersign.reseal = %s" % ("'on'" if said else "'off'"))
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner_connection.execute(update.format(change), [row.pk])
    assert bytes(SigningKey.objects.get(pk=row.pk).sealed or b"") == sealed
    owner_connection.execute("SET countersign.reseal = 'on'")
    owner_connection.execute(update.format("sealed = set_byte(sealed, 30, 1)"), [row.pk])
    with pytest.raises(KeyUnusable):
        signer.signer().sign(keys.key_in_force(stream.id, "receipt"), b"message")


def test_a_ring_of_a_lost_key_opens_nothing(stream: StreamView, settings: Any) -> None:
    forget()
    settings.COUNTERSIGN_SEAL_KEY, settings.COUNTERSIGN_SEAL_KEYS_BEFORE = NEW, (bytes(32),)
    with pytest.raises(KeyUnusable):
        signer.signer().sign(keys.key_in_force(stream.id, "receipt"), b"message")
    with pytest.raises(KeyUnusable):
        lookup_key(stream.origin, bytes(Stream.objects.get(pk=stream.id).lookup_key))
    forget()


def test_another_key_under_the_same_identity_is_refused(
    stream: StreamView, owner_connection: psycopg.Connection[Any]
) -> None:
    key = keys.key_in_force(stream.id, "checkpoint")
    seed = os.urandom(32)
    assert bytes(Ed25519(seed).verify_key) != key.public
    other = seal(seed, associated(key.use, key.origin, key.public), os.urandom(NONCE_BYTES))
    owner_connection.execute("SET countersign.reseal = 'on'")
    owner_connection.execute("UPDATE ledger_signingkey SET sealed = %s WHERE kid = %s", [other, key.kid])
    forget()
    changed = keys.key_in_force(stream.id, "checkpoint")
    assert not keys.is_usable(changed)
    with pytest.raises(KeyUnusable, match="does not belong"):
        signer.signer().sign(changed, b"message")
    with pytest.raises(KeyUnusable):
        seal_window(stream.id, reason="request")
