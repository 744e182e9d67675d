"""Logs of dpkg and apt become events; what cannot be read is said, not made up."""

from __future__ import annotations

from pathlib import Path

from console.demo.sources import apt_history, dpkg_log, dpkg_packages
from ledger.core.strict_json import parse

LOG = """2025-06-24 14:36:25 startup archives unpack
2025-06-24 14:36:25 upgrade libudev1:amd64 252.36-1 252.38-1
2025-06-24 14:36:25 status unpacked libudev1:amd64 252.36-1
2025-06-24 14:36:25 status unpacked libudev1:amd64 252.36-1
2025-06-24 14:36:29 install perl:all <none> 5.36.0
2025-06-24 14:36:30 conffile /etc/x keep
half a li"""

HISTORY = """
Start-Date: 2025-06-24  14:36:25
Commandline: apt-get install -o Secret=hunter2 perl
Install: perl:all (5.36.0), libudev1:amd64 (252.38-1, automatic)
Upgrade: dbus:amd64 (1.14.8, 1.14.10)
End-Date: 2025-06-24  14:36:31

Start-Date: 2025-06-25  08:00:00
Error: nothing was done
End-Date: 2025-06-25  08:00:01
"""

STATUS = """Package: adduser
Status: install ok installed
Architecture: all
Section: admin
Installed-Size: 686
Version: 3.134
Description: add and remove users
 Package: not-a-field

Package: gone
Status: deinstall ok config-files
Version: 1
"""


def test_each_readable_line_of_dpkgs_log_is_one_event() -> None:
    events = list(dpkg_log.events_in(LOG))
    actions = [event.type.removeprefix("software.package.") for event in events]
    assert actions == ["startup", "upgrade", "status", "status", "install"]
    assert parse(events[1].payload) == {"package": "libudev1:amd64", "from": "252.36-1", "to": "252.38-1"}
    assert parse(events[4].payload) == {"package": "perl:all", "from": None, "to": "5.36.0"}


def test_equal_lines_are_two_events_and_a_rotated_log_keeps_their_ids() -> None:
    ids = [event.id for event in dpkg_log.events_in(LOG)]
    assert len(set(ids)) == len(ids)
    rotated = LOG.split("\n", 2)[2]
    assert [event.id for event in dpkg_log.events_in(rotated)] == ids[2:]


def test_a_transaction_of_apt_names_its_packages_and_never_the_command_line() -> None:
    (event,) = apt_history.events_in(HISTORY)
    said = parse(event.payload)
    assert isinstance(said, dict)
    assert said["install"] == [
        {"package": "perl:all", "versions": ["5.36.0"], "automatic": False},
        {"package": "libudev1:amd64", "versions": ["252.38-1"], "automatic": True},
    ]
    assert said["upgrade"] == [{"package": "dbus:amd64", "versions": ["1.14.8", "1.14.10"], "automatic": False}]
    assert b"hunter2" not in event.payload


def test_only_installed_packages_of_dpkg_are_told() -> None:
    (event,) = dpkg_packages.events_in(STATUS)
    assert event.subject == "pkg:deb/adduser@3.134?arch=all"
    said = {"package": "adduser", "version": "3.134", "architecture": "all", "section": "admin"}
    assert parse(event.payload) == {**said, "installed_kib": 686}


def test_a_machine_without_these_files_is_told_so(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    found = (
        dpkg_log.find_changes(missing),
        apt_history.find_transactions(missing),
        dpkg_packages.find_packages(missing),
    )
    assert [answer.events for answer in found] == [(), (), ()]
    assert [answer.sentence for answer in found] == [
        "no log of dpkg: No such file or directory",
        "no history of apt: No such file or directory",
        "no packages of dpkg: No such file or directory",
    ]
