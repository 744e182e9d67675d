"""Creating streams: names, origins, keys, genesis and the platform's own."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from ledger.core.control import history
from ledger.core.note import VKey
from ledger.core.strict_base64 import encode
from ledger.core.witness_policy import parse_policy
from ledger.errors import KeyUnusable, NameInvalid, PolicyInvalid, StreamExists, StreamUnknown
from ledger.models import PolicyText, SigningKey, Stream
from ledger.selectors import keys, streams
from ledger.selectors.health import policy_in_force
from ledger.services.lookup import lookup_key
from ledger.services.streams import create_stream, ensure_platform
from ledger.storage.signer import signer
from tests.support.log_audit import audit
from tests.support.streams import ACTOR, append, at_once, events, new_stream

pytestmark = pytest.mark.db


def test_genesis_names_the_keys_that_sign() -> None:
    stream = new_stream()
    (genesis,) = audit(stream).leaves
    control = history([genesis])
    vkeys = [VKey.parse(text) for text in control.log_keys_at(1)]
    assert [vkey.name for vkey in vkeys] == [stream.origin]
    registered = {use: keys.key_in_force(stream.id, use) for use in ("checkpoint", "receipt", "export")}
    assert vkeys[0].public == registered["checkpoint"].public
    for use in ("receipt", "export"):
        assert control.delegated_at(use, 0) == {registered[use].kid: registered[use].public}
    assert len({key.public for key in registered.values()}) == 3
    assert stream.log == genesis.leaf_hash


def test_genesis_names_policy_delay_and_recovery_key() -> None:
    stream = new_stream(recovery_key=bytes(range(32)), max_merge_delay_s=120)
    fields = audit(stream).leaves[0].fields
    assert (fields["max_merge_delay"], fields["recovery_key"]) == (120, encode(bytes(range(32))))
    text = policy_in_force(stream)
    assert fields["policy"] == sha256(text.encode()).hexdigest()
    policy = parse_policy(text.encode())
    assert policy.quorum is None
    assert [vkey.name for vkey in policy.logs] == [stream.origin]


def test_a_policy_is_kept_by_its_digest() -> None:
    stream = create_stream("acme", "decisions", actor=ACTOR, policy="quorum none\n")
    assert audit(stream).leaves[0].fields["policy"] == PolicyText.objects.get().digest
    assert policy_in_force(stream) == "quorum none\n"


def test_a_policy_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(PolicyInvalid):
        create_stream("acme", "decisions", actor=ACTOR, policy="quorum some\n")
    assert not Stream.objects.exists()
    assert not SigningKey.objects.exists()


def test_the_origin_is_the_deployments_name_and_the_path() -> None:
    assert new_stream().origin == "test.localhost/log/acme/decisions"


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("acme", "Decisions"), ("acme", ""), ("acme", "a" * 64), ("acme", "a_b"), ("acme", "a/b"),
        ("acme", "ä"),         ("", "a"), ("a" * 64, "a"), ("__a", "a"), ("a b", "a"), ("acme", "a\n"),
    ],
)  # fmt: skip
def test_a_name_that_makes_no_origin_is_refused(namespace: str, name: str) -> None:
    with pytest.raises(NameInvalid):
        create_stream(namespace, name, actor=ACTOR)
    assert not Stream.objects.exists()


def test_a_name_is_used_once() -> None:
    new_stream()
    with pytest.raises(StreamExists):
        new_stream()
    assert SigningKey.objects.count() == 3


def test_eight_creators_of_one_name_make_one_stream() -> None:
    outcomes = [done.exception() for done in at_once([new_stream] * 8)]
    assert outcomes.count(None) == 1
    assert all(isinstance(one, StreamExists) for one in outcomes if one is not None)
    assert (Stream.objects.count(), SigningKey.objects.count()) == (1, 3)


def test_the_platforms_streams_are_made_once_by_many() -> None:
    made = [done.result() for done in at_once([ensure_platform] * 6, 6)]
    names = [("_governance", "changes"), ("_platform", "heads"), ("_system", "events")]
    assert all([(one.namespace, one.name) for one in them] == names for them in made)
    assert Stream.objects.count() == 3


def test_private_halves_and_lookup_keys_are_sealed() -> None:
    stream = new_stream()
    for row in SigningKey.objects.all():
        registered = keys.key_by_kid(row.kid)
        assert signer().sign(registered, b"message")
        assert len(bytes(row.sealed or b"")) == 1 + 24 + 32 + 16
    opened = lookup_key(stream.origin, stream.lookup_key)
    assert len(opened) == 32
    assert opened not in stream.lookup_key
    with pytest.raises(KeyUnusable):
        lookup_key("elsewhere", stream.lookup_key)


def test_a_key_moved_to_another_stream_does_not_open(admin_connection: Any) -> None:
    admin_connection.execute("ALTER TABLE ledger_signingkey DISABLE TRIGGER final_rows")
    stream, other = new_stream(), new_stream("others")
    mine, theirs = (SigningKey.objects.get(stream_id=one.id, use="export") for one in (stream, other))
    SigningKey.objects.filter(pk=mine.pk).update(sealed=theirs.sealed)
    with pytest.raises(KeyUnusable):
        signer().sign(keys.key_in_force(stream.id, "export"), b"message")


def test_streams_are_listed_by_name() -> None:
    for namespace, name in (("b", "x"), ("a", "z"), ("a", "y"), ("c", "w")):
        new_stream(name, namespace)
    listed = [(one.namespace, one.name) for one in streams.streams_in({"a", "b"})]
    assert listed == [("a", "y"), ("a", "z"), ("b", "x")]
    assert [one.name for one in streams.streams_in({"a", "b"}, ("a", "y"))] == ["z", "x"]
    assert [one.name for one in streams.streams_in({"a", "b"}, containing="/z")] == ["z"]
    assert streams.stream_by_origin("test.localhost/log/c/w").name == "w"
    with pytest.raises(StreamUnknown):
        streams.stream("a", "w")


def test_the_stream_of_a_name_is_the_one_of_its_id() -> None:
    made = new_stream(profile_mode="warn", without_receipt="refuse", window_count=7, window_age_s=8)
    append(made, *events("ab"))
    named = streams.stream(made.namespace, made.name)
    assert named == streams.stream_by_id(made.id)
    assert (named.profile_mode, named.without_receipt, named.size) == ("warn", "refuse", 3)
