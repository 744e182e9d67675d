"""The operating system account of the embedded database: ourselves, or an unprivileged one when we are root.

PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """User and group number; `None` stands for the account of this process."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Make `path` a private directory of this account."""
        path.mkdir(parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)


def account_for(home: Path | None) -> Account:
    """Who runs the database: the owner of an existing `home`, else `postgres` or `nobody` if we are root."""
    if os.geteuid() != 0:
        return Account()
    if home is not None:
        owner = (home / "data").stat()
        return Account(owner.st_uid, owner.st_gid)
    entry = next(filter(None, map(_entry, CANDIDATES)), None)
    if entry is None:
        message = f"PostgreSQL may not run as root, and this machine has none of the users {', '.join(CANDIDATES)}."
        raise RuntimeError(f"{message} Next: create one, or set DATABASE_URL.")
    return Account(entry.pw_uid, entry.pw_gid)


def can_traverse(path: Path, account: Account) -> bool:
    """Tell whether `account` can enter `path`; all ancestors must let it pass."""
    return account.uid is None or all(_lets_pass(step, account) for step in (path, *path.parents))


def _lets_pass(step: Path, account: Account) -> bool:
    facts = step.stat()
    return bool(facts.st_mode & stat.S_IXOTH) or (facts.st_uid == account.uid and bool(facts.st_mode & stat.S_IXUSR))


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
