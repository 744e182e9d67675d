"""Packages that dpkg knows on Debian and its relatives (deb-control(5), dpkg-query(1))."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from console.demo.sources import Found, without_repeats
from console.demo.sources.making import event_of
from ledger.core.event import RawEvent
from ledger.core.types import JSONObject

KIND = "software.package.installed"
SOURCE = "urn:countersign:demo:dpkg"
STATUS = Path("/var/lib/dpkg/status")
_INSTALLED = "install ok installed"


def find_packages(status: Path = STATUS) -> Found:
    """Events for the installed packages of dpkg's status file; none where it cannot be read."""
    try:
        text = status.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return Found((), f"no packages of dpkg: {error.strerror or error}")
    events = without_repeats(events_in(text))
    return Found(events, f"{len(events):,} packages of dpkg")


def events_in(text: str) -> Iterator[RawEvent]:
    """One event for each installed package of a status file."""
    for fields in paragraphs(text):
        if fields.get("Status") == _INSTALLED and fields.get("Package"):
            yield _package(fields)


def paragraphs(text: str) -> Iterator[dict[str, str]]:
    """Fields of each paragraph; continuation lines are left out, since no field that we read has any."""
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line[0].isspace()]
        fields = {name: value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}
        if fields:
            yield fields


def _package(fields: dict[str, str]) -> RawEvent:
    name, version, architecture = (fields.get(key, "") for key in ("Package", "Version", "Architecture"))
    size = fields.get("Installed-Size", "")
    payload: JSONObject = {
        "package": name,
        "version": version,
        "architecture": architecture,
        "section": fields.get("Section"),
        "installed_kib": int(size) if size.isdecimal() else None,
    }
    subject = f"pkg:deb/{quote(name)}@{quote(version)}?arch={quote(architecture)}"
    return event_of(KIND, SOURCE, payload, time=None, subject=subject)
