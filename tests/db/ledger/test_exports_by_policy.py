"""A bundle is judged, when it is made, by the policy that is in force at its head, under the keys of that head."""

from __future__ import annotations

import pytest

from ledger.core.cosignature import cosign
from ledger.core.note import KeyType, Note, make_vkey, parse_note
from ledger.models import Bundle
from ledger.selectors import bundles, keys
from ledger.selectors.bundles import BundleView
from ledger.selectors.streams import StreamView
from ledger.services import exports
from ledger.services.seal import seal_window
from tests.corpus.keys import WITNESS
from tests.support.streams import ACTOR, append, events, fresh, new_stream

pytestmark = pytest.mark.db

WITNESS_KEY = make_vkey("witness.example", WITNESS.public, KeyType.COSIGNATURE)


def stream_under(demands: str) -> StreamView:
    """A sealed stream under a policy with `demands`; whatever its log line says, the keys are the log's own."""
    made = new_stream()
    policy = f"log {keys.log_vkeys(made.id)[0]}\n{demands}"
    named = new_stream("watched", policy=policy)
    append(named, *events(range(5)))
    seal_window(named.id, reason="request")
    return fresh(named)


def exported(stream: StreamView) -> BundleView:
    asked, job = exports.request_bundle(stream, 0, stream.size, actor=ACTOR)
    exports.run_export(job.public_id)
    return bundles.bundle(asked.public_id)


def codes(view: BundleView) -> set[str]:
    return {problem["code"] for problem in (view.report or {})["problems"]}


def test_a_policy_without_witnesses_is_met() -> None:
    view = exported(stream_under("quorum none\n"))
    assert (view.outcome, codes(view)) == ("verified", set())


def test_a_policy_whose_witness_has_not_signed_leaves_the_bundle_incomplete() -> None:
    view = exported(stream_under(f"witness w {WITNESS_KEY}\nquorum w\n"))
    assert (view.outcome, codes(view)) == ("incomplete", {"quorum_missing"})


def test_a_head_that_the_witness_cosigned_meets_the_policy() -> None:
    stream = stream_under(f"witness w {WITNESS_KEY}\nquorum w\n")
    asked, job = exports.request_bundle(stream, 0, stream.size, actor=ACTOR)
    note = parse_note(bytes(Bundle.objects.get(pk=asked.id).note))
    line = cosign(note.text, WITNESS_KEY, 1_700_000_000, WITNESS.sign)
    Bundle.objects.filter(pk=asked.id).update(note=Note(note.text, (*note.signatures, line)).to_bytes())
    exports.run_export(job.public_id)
    assert bundles.bundle(asked.public_id).outcome == "verified"
