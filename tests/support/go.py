"""Go programs of other people, run on what we serve. Skipped where Go or its module proxy is out of reach."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_PLACES = ("/usr/local/go/bin/go", "/usr/lib/go/bin/go")
BUILD_SECONDS, RUN_SECONDS = 600, 60


def _go(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The Go tool in a directory of its own; nothing is written into the checkout. Skips where there is none."""
    found = shutil.which("go") or next((place for place in _PLACES if Path(place).exists()), None)
    if found is None:
        pytest.skip("Go is not installed")
    environ = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod -buildvcs=false", "GOBIN": str(directory)}
    return subprocess.run(
        [found, *arguments],
        cwd=directory, env=environ, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS,
    )  # fmt: skip


def installed(directory: Path, package: str, module: str, version: str) -> Path:
    """A published program, built into `directory`; skips where its module is out of reach."""
    _needs(directory, module, version)
    done = _go(directory, "install", f"{package}@{version}")
    assert done.returncode == 0, done.stderr
    return directory / package.rpartition("/")[2]


def built(directory: Path, source: Path, module: str, version: str) -> Path:
    """A program of one file that uses one module; skips where that is out of reach."""
    _needs(directory, module, version)
    shutil.copy(source, directory / "main.go")
    (directory / "go.mod").write_text(f"module program\n\ngo 1.24\n\nrequire {module} {version}\n")
    done = _go(directory, "build", "-o", "program", ".")
    assert done.returncode == 0, done.stderr
    return directory / "program"


def run(program: Path, *arguments: str, seconds: float = RUN_SECONDS) -> tuple[int, str]:
    """Exit code (-1 when it did not end in time) and all that it said."""
    try:
        done = subprocess.run(
            [str(program), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        return -1, (late.stdout or b"").decode()
    return done.returncode, done.stdout


def _needs(directory: Path, module: str, version: str) -> None:
    """Skip the test unless the module can be had, from the cache or the proxy."""
    done = _go(directory, "mod", "download", f"{module}@{version}")
    if done.returncode:
        pytest.skip(f"{module}@{version} is out of reach: {done.stderr.strip()[:200]}")
