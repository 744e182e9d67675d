"""Which file system a path lies on, as far as the kernel tells (Linux: proc(5), mountinfo).

Guarantees that a network file system which names itself is noticed; elsewhere nothing can be told, and
nothing is refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_MOUNTINFO: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "coda", "fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs",
     "fuse.sshfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb2", "smb3",
     "smbfs", "virtiofs"}
)  # fmt: skip
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")


def local_file_system(path: Path, mounts: str | None = None) -> str | None:
    """None where `path` lies on a local file system or nothing can be told; else the network's name.

    `mounts` is the text of mountinfo, read from the kernel unless given.
    """
    if mounts is None:
        try:
            mounts = _MOUNTINFO.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return None
    kind = _kind(path.resolve(), mounts)
    return kind if kind in _NETWORK else None


def _kind(path: Path, mounts: str) -> str:
    """Type of the deepest mount above `path`; of two at one place the later one covers the other."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(_ESCAPE.sub(lambda found: chr(int(found[1], 8)), before.split(" ")[4]))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split(" ")[0]
    return kind
