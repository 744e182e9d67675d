"""The demo's policy: the shape of a real one, with locks in seconds and no cool-down. Production refuses its keys."""

from __future__ import annotations

from dataclasses import replace

from governance.change.core.policy import Direction, ExecutorRule, Need, Policy, Rule, Tier

DAY = 86_400
SHORT, LONG = 15, DAY
GROUPS = {"ops": "Operations", "science": "Science"}
_ANY = frozenset(Direction)
_TIGHTER = frozenset({Direction.TIGHTENS})


def demo_policy() -> Policy:
    """Two of ops for most, science beside them for the rules (each of another unit), one word to stop something."""
    one, two = (Need("ops", 1),), (Need("ops", 2),)
    return Policy((
        *(_rule(kind, Tier.MEDIUM, two, SHORT) for kind in ("stream.publicity", "reliance.resume", "hold.release")),
        *(_rule(kind, Tier.MEDIUM, two, SHORT) for kind in ("role.grant", "role.revoke", "key.enrol", "key.rotate")),
        _rule("person.unit", Tier.MEDIUM, two, SHORT),
        *(_rule(kind, Tier.LOW, one, 0) for kind in ("stream.retention", "reliance.pause")),
        _rule("tenant.state", Tier.HIGH, two, SHORT),
        *_evidenceos(one, two),
        _rule("thaw", Tier.HIGH, two, SHORT),
        _rule("drill", Tier.MEDIUM, two, SHORT),
        *(_rule(kind, Tier.HIGH, two, LONG) for kind in ("log_key.rotate", "log_key.retire", "stream.policy")),
        *(_rule(kind, Tier.CRITICAL, two, LONG) for kind in ("payload.erase", "log_key.destroy", "log_key.recover")),
        replace(_rule("policy.change", Tier.CRITICAL, (*two, Need("science", 1)), LONG), units_apart=True),
        _rule("emergency.apply", Tier.CRITICAL, two, 0),
        _rule("freeze", Tier.EMERGENCY, one, 0, _TIGHTER),
        _rule("key.revoke", Tier.EMERGENCY, one, 0, _TIGHTER),
    ))  # fmt: skip


def _evidenceos(one: tuple[Need, ...], two: tuple[Need, ...]) -> tuple[Rule, ...]:
    """A contract that is not active does nothing; which one counts is decided by science, too."""
    with_science = (*two, Need("science", 1))
    return (
        *(_rule(kind, Tier.MEDIUM, two, 0) for kind in ("nullspec.install", "nullspec.retire")),
        _rule("nullspec.activate", Tier.HIGH, with_science, SHORT),
        *(_rule(kind, Tier.MEDIUM, two, SHORT) for kind in ("oracle.ttl", "oracle.register")),
        _rule("oracle.calibration", Tier.HIGH, with_science, SHORT),
        _rule("epoch.advance", Tier.MEDIUM, one, 0),
        *(_rule(kind, Tier.CRITICAL, with_science, SHORT) for kind in ("epoch.irregular", "canary.reset")),
        *(_rule(kind, Tier.CRITICAL, two, LONG) for kind in ("oracle_keys.set", "etl_key.rotate", "drift.accept")),
    )


def _rule(
    kind: str, tier: Tier, needs: tuple[Need, ...], lock_s: int, directions: frozenset[Direction] = _ANY
) -> Rule:  # fmt: skip
    return Rule(
        name=kind,
        change=kind,
        directions=directions,
        tier=tier,
        needs=needs,
        lock_s=lock_s,
        life_s=30 * DAY,
        executor=ExecutorRule.NOT_AUTHOR_NOT_APPROVER,
        observation_s=DAY if tier is not Tier.EMERGENCY else 0,
    )
