"""Runs the single file over the corpus in one stock Python: `python -I -S driver.py VERIFIER CORPUS`.

Prints one JSON line for each case, and at the end the modules that no verifier should have loaded.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

FORBIDDEN = {"socket", "ssl", "http", "urllib.request", "subprocess"}
FORBIDDEN |= {"orjson", "nacl", "cryptography", "rfc8785", "django"}


def run(door: Callable[[list[str]], int], folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    """One case through the door of the single file."""
    arguments = [row["kind"], str(folder / "input"), "--policy", str(folder / "policy"), "--json"]
    arguments += ["--trust", str(folder / "trust.json")]
    arguments += ["--now", str(row["now"])] if row["now"] is not None else []
    written = io.BytesIO()
    out = io.TextIOWrapper(written, encoding="utf-8")
    with contextlib.redirect_stdout(out):
        status = door(arguments)
    report = json.loads(written.getvalue())
    codes = sorted({problem["code"] for problem in report["problems"]})
    return {"name": row["name"], "status": status, "outcome": report["outcome"], "codes": codes}


def main() -> None:
    """Load the importer out of the single file, then run every case."""
    verifier, corpus = Path(sys.argv[1]), Path(sys.argv[2])
    names: dict[str, Any] = {"__name__": "countersign_verify", "__file__": str(verifier)}
    exec(compile(verifier.read_text(encoding="utf-8"), str(verifier), "exec"), names)  # noqa: S102  the file under test
    sys.meta_path.insert(0, names["_Embedded"]())
    door = importlib.import_module("ledger.verify").main
    rows = [run(door, corpus / row["name"], row) for row in json.loads((corpus / "corpus.json").read_bytes())["cases"]]
    loaded = {"loaded": sorted(FORBIDDEN & sys.modules.keys())}
    sys.stdout.writelines(json.dumps(row) + "\n" for row in [*rows, loaded])


if __name__ == "__main__":
    main()
