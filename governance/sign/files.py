"""Reading and writing of files: bounded when read, never over another when written; private keys for their owner."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from governance.sign.errors import FileUnusable
from governance.sign.reading import MOST_FILE_BYTES

PRIVATE: Final = 0o600
SHARED: Final = 0o644


def read(path: str) -> bytes:
    """The whole file; raises FileUnusable."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileUnusable("The file cannot be read", why=str(error), path=path) from error
    if len(data) > MOST_FILE_BYTES:
        raise FileUnusable("The file is too long", why=f"more than {MOST_FILE_BYTES:,} bytes", path=path)
    return data


def write_new(path: str, data: bytes, mode: int) -> None:
    """Write a file that was not there, with these permissions; raises FileUnusable."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise FileUnusable("The file exists already; nothing is written over", path=path) from error
    except (OSError, ValueError) as error:
        raise FileUnusable("The file cannot be written", why=str(error), path=path) from error
