"""The small chain goes by the same limits as the health paths."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console import seals
from console.bundled import Bundled
from console.seals import seals_in_small
from ledger.core.types import Hash
from ledger.health import HEALTH_PATHS
from ledger.selectors.streams import StreamView

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STREAM = StreamView(
    id=1, public_id=uuid.UUID(int=1), namespace="acme", name="decisions", origin="o", created=NOW, log=Hash(bytes(32)),
    max_merge_delay_s=600, profile_mode="off", without_receipt="pending", clear_attributes=False, window_count=1000,
    window_age_s=60,
    lookup_key=b"", size=14, head_hash=Hash(bytes(32)), recorded=NOW, window_number=1, window_from=13,
    window_opened=NOW, events_open=0, waiting_since=None, signed_size=14, stopped=None,
)  # fmt: skip


def states(stream: StreamView, bundled: Bundled | None = None) -> dict[str, str]:
    return {seal.name: seal.state for seal in seals_in_small(stream, NOW, bundled)}


def test_what_is_signed_and_waits_for_nothing_passes() -> None:
    found = states(STREAM)
    assert [found[name] for name in ("received", "windowed", "checkpointed")] == ["pass"] * 3
    assert [found[name] for name in ("witnessed", "anchored", "bundled")] == ["not_evaluated"] * 3


@pytest.mark.parametrize(("age_s", "state"), [(120, "pass"), (121, "stale"), (600, "stale"), (601, "fail")])
def test_a_window_and_a_checkpoint_are_late_by_the_table(age_s: int, state: str) -> None:
    since = NOW - timedelta(seconds=age_s)
    assert states(replace(STREAM, waiting_since=since, events_open=1))["windowed"] == state
    assert states(replace(STREAM, signed_size=5, window_opened=since))["checkpointed"] == state
    assert HEALTH_PATHS["window"].state_at(age_s, 60) == HEALTH_PATHS["checkpoint"].state_at(age_s, 60) == state


def test_nothing_signed_is_never_told_as_signed() -> None:
    assert states(replace(STREAM, signed_size=0))["checkpointed"] == "not_evaluated"
    assert states(replace(STREAM, signed_size=0, window_number=0))["checkpointed"] == "not_evaluated"


@pytest.mark.parametrize(
    ("days", "outcome", "state"),
    [(1, "verified", "pass"), (31, "verified", "stale"), (1, "incomplete", "stale"), (1, "rejected", "fail")],
)
def test_an_old_or_rejected_bundle_does_not_pass(days: int, outcome: str, state: str) -> None:
    assert states(STREAM, Bundled(NOW - timedelta(days=days), "#", outcome))["bundled"] == state


def test_a_stop_overrides_the_first_three() -> None:
    found = seals_in_small(replace(STREAM, stopped="integrity"), NOW, None)
    assert [(seal.state, seal.word) for seal in found[:3]] == [("fail", "stopped (integrity)")] * 3


def test_the_limits_stand_nowhere_else() -> None:
    assert not [name for name in vars(seals) if name.endswith("WINDOWS")]
