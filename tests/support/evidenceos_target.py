"""A governed data directory on the disk, with everything in it that a sound one has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from governance.evidenceos.actions.adopt import adopt
from governance.evidenceos.actions.carry import plan
from governance.evidenceos.actions.target import SetTarget, TargetSettings, set_target
from governance.evidenceos.core.directory import EVENT_LOG
from governance.evidenceos.core.steps import appended, written
from governance.evidenceos.files.reading import read
from governance.evidenceos.models import Effective, Plan
from governance.evidenceos.selectors.targets import TargetView, any_target
from tests.support.evidenceos_files import directory
from tests.support.world import SEED, moment

SLUG = "lab"


def put(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write these files below a directory."""
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def bytes_below(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file's time of last writing and bytes."""
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(root.rglob("*")) if path.is_file()
    }  # fmt: skip


def entered(root: Path, slug: str = SLUG, **settings: Any) -> TargetView:
    """A target without adoption."""
    made = TargetSettings(path=root.resolve(), words="The laboratory", **settings)
    set_target(SetTarget(slug=slug, settings=made, by=SEED, at=moment()))
    return any_target(slug)


def adopted(root: Path, slug: str = SLUG, **settings: Any) -> TargetView:
    """A target whose directory holds what the product's own writers write, adopted as it is."""
    if not any(root.iterdir()):
        put(root, directory())
    entered(root, slug, **settings)
    adopt(slug, by=SEED, at=moment())
    return any_target(slug)


LINE = b'{"event_id":"x","event_type":"nullspec_install","epoch":1,"key_id":"k","payload":{},"signature_ed25519":""}\n'
NEW = {"nullspec/new.json": b"one", "trusted-nullspec-keys/new.pub": b"two"}
"""What `decided` writes, beside a line of the log."""


def decided(
    slug: str = SLUG, change: str = "decided", files: Mapping[str, bytes] | None = None,
    effective: Effective = Effective.IMMEDIATE,
) -> Plan:  # fmt: skip
    """A plan of a line and these files, as a change leaves it; written at once unless `quietly` was replaced."""
    one = any_target(slug)
    found = read(one.path).files
    steps = [appended(found, EVENT_LOG, LINE)]
    steps += [written(found, path, data) for path, data in (NEW if files is None else files).items()]
    with transaction.atomic():
        return plan(
            one.id, steps, change=change, kind="nullspec.install", index=1, effective=effective, at=moment()
        )  # fmt: skip


def arrived(root: Path, files: Mapping[str, bytes] | None = None) -> bool:
    """Whether all of it is there, and the line once."""
    there = all((root / path).read_bytes() == data for path, data in (NEW if files is None else files).items())
    return there and (root / EVENT_LOG).read_bytes().count(LINE) == 1
