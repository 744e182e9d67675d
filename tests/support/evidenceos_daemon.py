"""A daemon as small as can be: it holds a data directory by `kernel.lock`, writes its pid file, and reloads on SIGHUP.

`python tests/support/evidenceos_daemon.py DIRECTORY PID_FILE LOG [MODE]`. A reload reads the three signed files and the
active map; it logs `event=config_reload` with what was before and after, or `event=config_reload_rejected` where one of
them is no JSON, and keeps what it had (reference, section 5). MODE `deaf` ignores SIGHUP, as the daemon's HEAD does.
SIGTERM ends it and gives the lock back. Nothing of the product is imported: this is the other side.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

FILES = {
    "trusted_keys": ("trusted_oracle_keys.json", "keys"), "oracle_ttls": ("oracle_operator_config.json", "oracles"),
}  # fmt: skip


def main(root: Path, pid_file: Path, log: Path, mode: str) -> None:
    """Hold the directory until SIGTERM."""
    lock = root / "kernel.lock"
    os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    held = [_loaded(root)]
    signal.signal(signal.SIGHUP, signal.SIG_IGN if mode == "deaf" else lambda *_: held.append(_reload(root, log, held)))
    signal.signal(signal.SIGTERM, lambda *_: _end(lock))
    pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
    _say(log, "INFO event=started")
    while True:
        time.sleep(0.05)


def _reload(root: Path, log: Path, held: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        now = _loaded(root)
    except (OSError, ValueError) as error:
        _say(log, f'ERROR event=config_reload_rejected severity=high error="{type(error).__name__}"')
        return held[-1]
    counts = " ".join(f"{name}_before={held[-1][name]} {name}_after={now[name]}" for name in FILES)
    _say(log, f"INFO event=config_reload {counts} nullspec_mappings={now['mappings']} forced_epoch={now['forced']}")
    return now


def _loaded(root: Path) -> dict[str, Any]:
    counts: dict[str, Any] = {
        name: len(json.loads((root / file).read_text())[key]) for name, (file, key) in FILES.items()
    }
    active = json.loads((root / "nullspec/active_map.json").read_text())
    control = json.loads((root / "epoch_control.json").read_text())
    return {**counts, "mappings": len(active["mappings"]), "forced": f"Some({control['forced_epoch']})"}


def _say(log: Path, line: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {line}\n")


def _end(lock: Path) -> None:
    lock.unlink()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), (sys.argv[4:] or [""])[0])
