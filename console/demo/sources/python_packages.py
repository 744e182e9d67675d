"""Every file of every installed Python package, as RECORD lists it (PyPA, "Recording installed projects")."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackagePath, distributions
from pathlib import Path
from urllib.parse import quote

from console.demo.sources import Found, without_repeats
from console.demo.sources.making import event_of, utc_text
from ledger.core.event import RawEvent
from ledger.core.types import JSONObject

KIND = "software.file.recorded"
SOURCE = "urn:countersign:demo:python-packages"


def find_files(installed: Iterable[Distribution] | None = None) -> Found:
    """Events for the files of `installed`, by default of every package that this interpreter can import."""
    packages = sorted(distributions() if installed is None else installed, key=_name_and_version)
    events = without_repeats(event for package in packages for event in _files_of(package))
    return Found(events, f"{len(events):,} files of {len(packages):,} installed Python packages")


def _name_and_version(package: Distribution) -> tuple[str, str]:
    return package.name or "", package.version or ""


def _files_of(package: Distribution) -> Iterator[RawEvent]:
    files = package.files or []
    name, version = _name_and_version(package)
    installed = _installed_at(files)
    for file in sorted(files, key=str):
        path = file.as_posix()
        payload: JSONObject = {
            "package": name,
            "version": version,
            "path": path,
            "sha256": sha256_of(file),
            "size": file.size,
        }
        subject = f"pkg:pypi/{quote(name.lower())}@{quote(version)}#{quote(path)}"
        yield event_of(KIND, SOURCE, payload, time=installed, subject=subject)


def sha256_of(file: PackagePath) -> str | None:
    """The digest of a RECORD line in hex; None where the line has none (compiled files, RECORD itself)."""
    if file.hash is None or file.hash.mode != "sha256":
        return None
    try:
        return base64.urlsafe_b64decode(file.hash.value + "=").hex()
    except binascii.Error:
        return None


def _installed_at(files: Iterable[PackagePath]) -> str | None:
    """When the RECORD was written: the time of installation, as far as anybody kept it."""
    for file in files:
        if file.name == "RECORD":
            try:
                written = Path(str(file.locate())).stat().st_mtime
            except OSError:
                return None
            return utc_text(datetime.fromtimestamp(written, tz=UTC))
    return None
