"""A target is entered or set anew: which directory it is, and how its daemon is told to read its files again.

Guarantees that only somebody at the server does it, because a path and a command are the server's, and that there is
an event of it in `_governance/changes`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final

from governance.evidenceos.errors_of_targets import TargetInvalid
from governance.evidenceos.events import EvidenceOSEvent
from governance.evidenceos.models import Reload, Target
from governance.identity.actions.base import Action, Record
from governance.identity.core.names import NAME_PATTERN
from governance.identity.core.principal import PrincipalKind
from governance.identity.errors import NotAllowed
from governance.identity.models import Tenant
from ledger.core.types import JSON, JSONObject

SOURCE: Final = "urn:countersign:governance:evidenceos"


@dataclass(frozen=True)
class TargetSettings:
    """`tenant` is a slug, '' for the platform; `command` the words of a command line, run without a shell."""

    path: Path
    words: str
    tenant: str = ""
    reload: Reload = Reload.NONE
    pid_file: str = ""
    program: str = ""
    command: tuple[str, ...] = ()
    log_file: str = ""
    is_production: bool = True
    epoch_seconds: int | None = None

    def facts(self) -> JSONObject:
        """What the record keeps of them."""
        command: list[JSON] = [*self.command]
        return {
            "path": str(self.path), "words": self.words, "tenant": self.tenant or None, "reload": self.reload.value,
            "pid_file": self.pid_file, "program": self.program, "command": command, "log_file": self.log_file,
            "production": self.is_production, "epoch_seconds": self.epoch_seconds,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SetTarget(Action[Target]):
    """Enter a target, or set one anew; its directory stays the one that it was entered with."""

    source: ClassVar[str] = SOURCE

    slug: str
    settings: TargetSettings
    known: Target | None = field(default=None)

    def check(self) -> None:
        """Whoever acts sits at the server, and the settings hold together; raises NotAllowed, TargetInvalid."""
        if self.by.kind is not PrincipalKind.MACHINE:
            raise NotAllowed("This is done at the server", why="A target names a path and a command there.")
        wanted = self.settings
        if re.fullmatch(NAME_PATTERN, self.slug) is None:
            raise TargetInvalid("This is no name for a target", why=self.slug[:80])
        if not wanted.path.is_absolute() or wanted.path != wanted.path.resolve():
            raise TargetInvalid("A directory is named by its whole path, without links", why=str(wanted.path)[:200])
        if wanted.reload is Reload.SIGNAL and not wanted.pid_file:
            raise TargetInvalid("A signal needs the file with the daemon's process id", why="--pid-file is missing")
        if wanted.reload is Reload.COMMAND and not wanted.command:
            raise TargetInvalid("A reload by command needs the command", why="--reload-command is missing")
        self._check_place()

    def _check_place(self) -> None:
        if self.known is not None and self.known.path != str(self.settings.path):
            raise TargetInvalid("A target keeps its directory", why=f"it is {self.known.path}")
        twin = Target.objects.filter(path=str(self.settings.path)).exclude(slug=self.slug).first()
        if twin is not None:
            raise TargetInvalid("This directory is a target already", why=twin.slug)

    def execute(self) -> Target:
        """One row."""
        row = self.known or Target(public_id=self.at.new_id(), slug=self.slug, created=self.at.now)
        wanted = self.settings
        row.path, row.words, row.tenant = str(wanted.path), wanted.words or self.slug, _tenant(wanted.tenant)
        row.reload, row.pid_file, row.program = wanted.reload, wanted.pid_file, wanted.program
        row.command, row.log_file, row.is_production = [*wanted.command], wanted.log_file, wanted.is_production
        row.epoch_seconds = wanted.epoch_seconds
        row.save()
        return row

    def record(self, result: Target) -> Record:
        """All of its settings."""
        name = EvidenceOSEvent.TARGET_CREATED if self.known is None else EvidenceOSEvent.TARGET_SET
        return Record(name, str(result.public_id), {"target": self.slug, **self.settings.facts()})


def set_target(action: SetTarget) -> Target:
    """Enter a target, or set the one of this name anew; raises NotAllowed, TargetInvalid."""
    known = Target.objects.filter(slug=action.slug).first()
    return SetTarget(by=action.by, at=action.at, slug=action.slug, settings=action.settings, known=known).run()


def _tenant(slug: str) -> Tenant | None:
    if not slug:
        return None
    row = Tenant.objects.filter(slug=slug).first()
    if row is None:
        raise TargetInvalid("There is no such tenant", why=slug[:80])
    return row
