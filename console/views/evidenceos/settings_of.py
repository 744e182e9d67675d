"""Oracles of a target, its epoch and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.evidenceos import registry
from console.evidenceos.authoring import told_of
from console.views.evidenceos.target_access import of_target, shown
from governance.evidenceos.core.directory import TRUSTED_KEYS
from governance.evidenceos.selectors.files import unread_of
from governance.evidenceos.selectors.settings_of import epoch, log_keys, oracle_faults, trusted_keys
from governance.evidenceos.selectors.settings_of import oracles as oracles_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.evidenceos.selectors.settings_of import OracleView
    from governance.evidenceos.selectors.targets import TargetView


@of_target
def oracles(visit: Visit, one: TargetView) -> HttpResponse:
    """The record of each oracle, and which contracts are bound to it."""
    rows = [(row, [told_of(fault) for fault in row.faults], _bound(row)) for row in oracles_of(one, visit.now)]
    known = {told.code for _, found, _ in rows for told in found}
    faults = [told_of(fault) for fault in oracle_faults(one, visit.now) if fault.code not in known]
    sound = sum(not told for _, told, _ in rows)
    return shown(visit, one, "oracles", {"rows": rows, "faults": faults, "sound": sound})


@of_target
def keys(visit: Visit, one: TargetView) -> HttpResponse:
    """The forced epoch, whose signatures count, and the keys of the log."""
    found = epoch(one, visit.now)
    context = {
        "epoch": found,
        "epoch_told": [told_of(fault) for fault in found.faults],
        "keys": trusted_keys(one, visit.now),
        "not_read": [told_of(fault) for fault in unread_of(one, visit.now, TRUSTED_KEYS, "trusted-nullspec-keys/")],
        "log_keys": log_keys(one, visit.now),
    }
    return shown(visit, one, "settings", context)


def _bound(row: OracleView) -> list[tuple[str, str, str]]:
    """Id, state and word of each contract for the oracle."""
    unknown = ("not_evaluated", "not evaluated")
    return [(key, *registry.STANDINGS.get(standing, unknown)) for key, standing in row.contracts]
