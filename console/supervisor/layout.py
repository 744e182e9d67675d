"""Where the supervisor keeps its state: everything under one directory, `var/` of the checkout by default."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.supervisor.account import Account, account_for, can_traverse

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
FOREIGN_HOME = Path("/var/lib/countersign")
LONGEST_SOCKET_DIRECTORY = 80
PRIVATE, PASSED, PRIVATE_FILE = 0o700, 0o711, 0o600
OWN = ("broker", "bundles", "demo", "log", "run", "spool", "store", "work")


@dataclass(frozen=True)
class Layout:
    """Paths of one installation. `home` belongs to the database's account and may lie outside of `var`."""

    var: Path
    home: Path
    account: Account

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Layout:
        """Derive the paths from COUNTERSIGN_STATE_DIR; creates only the state directory itself."""
        var = Path(environ.get("COUNTERSIGN_STATE_DIR") or ROOT / "var").resolve()
        var.mkdir(parents=True, exist_ok=True, mode=PASSED if os.geteuid() == 0 else PRIVATE)
        layout = cls.at(var)
        layout.make_private()
        return layout

    @classmethod
    def at(cls, var: Path) -> Layout:
        """Paths below `var`; the database goes elsewhere only where its account could not reach it."""
        near, far = var / "postgres", FOREIGN_HOME / _short_name(var)
        remembered = next((home for home in (near, far) if (home / "data" / "PG_VERSION").exists()), None)
        account = account_for(remembered)
        home = remembered or (near if can_traverse(var, account) else far)
        return cls(var=var, home=home, account=account)

    @property
    def data(self) -> Path:
        """Data directory of the embedded PostgreSQL."""
        return self.home / "data"

    @property
    def socket(self) -> Path:
        """Directory of its Unix socket; short enough for the kernel's limit of 107 bytes."""
        near = self.home / "socket"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_DIRECTORY:
            return near
        return Path(tempfile.gettempdir()) / f"countersign-{_short_name(self.var)}"

    @property
    def run(self) -> Path:
        """State of the running supervisor: its lock, the list of its children, the ready mark."""
        return self.var / "run"

    @property
    def guard(self) -> Path:
        """Documents of the head guard in files, where no other guard is named."""
        return self.var / "guard"

    @property
    def ready_mark(self) -> Path:
        """A file that exists once whatever has to happen before `/ready` has happened."""
        return self.run / "ready"

    @property
    def clock_mark(self) -> Path:
        """What the processes go by that compare the database's clock with the machine's steady one."""
        return self.run / "clock.json"

    def make_private(self) -> None:
        """Take the others' rights from the state directory and what lies right below it, also of an older version.

        The database's account, where it is not ours, may pass through on the way to its own directory, not list.
        """
        passed = self.account.uid is not None and self.var in self.home.parents
        self.var.chmod(PASSED if passed else PRIVATE)
        for name in OWN:
            if (self.var / name).is_dir():
                (self.var / name).chmod(PRIVATE)

    def log(self, name: str) -> Path:
        """A log that its owner alone may read; both the file and its directory are made if missing."""
        place = self.var / "log" / f"{name}.log"
        place.parent.mkdir(exist_ok=True, mode=PRIVATE)
        place.touch(mode=PRIVATE_FILE)
        place.chmod(PRIVATE_FILE)
        return place

    def wipe(self) -> None:
        """Forget everything: the state directory's content and a database kept elsewhere."""
        for place in (self.home, self.socket):
            shutil.rmtree(place, ignore_errors=True)
        for entry in self.var.iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def _short_name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
