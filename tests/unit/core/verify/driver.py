"""Runs the single file over the corpus in one process of a stock Python: `python -I -S driver.py VERIFIER
CORPUS`.

Prints one JSON line for each case, and at the end the modules that no verifier should have loaded.
"""

import contextlib
import io
import json
import pathlib
import sys

FORBIDDEN = (
    "socket",
    "ssl",
    "http",
    "urllib.request",
    "subprocess",
    "orjson",
    "nacl",
    "cryptography",
    "rfc8785",
    "django",
)


class Captured(io.StringIO):
    """Text output with the `buffer` that the verifier writes its bytes to."""

    def __init__(self):
        super().__init__()
        self.buffer = io.BytesIO()


def run(main, folder, row):
    arguments = [row["kind"], str(folder / "input"), "--policy", str(folder / "policy"), "--json"]
    arguments += ["--trust", str(folder / "trust.json")]
    arguments += ["--now", str(row["now"])] if row["now"] is not None else []
    with contextlib.redirect_stdout(Captured()) as out:
        status = main(arguments)
    report = json.loads(out.buffer.getvalue())
    codes = sorted({problem["code"] for problem in report["problems"]})
    return {"name": row["name"], "status": status, "outcome": report["outcome"], "codes": codes}


def main():
    verifier, corpus = map(pathlib.Path, sys.argv[1:3])
    names = {"__name__": "countersign_verify", "__file__": str(verifier)}
    exec(compile(verifier.read_text(encoding="utf-8"), str(verifier), "exec"), names)
    sys.meta_path.insert(0, names["_Embedded"]())
    from ledger.verify import main as door

    for row in json.loads((corpus / "corpus.json").read_bytes())["cases"]:
        print(json.dumps(run(door, corpus / row["name"], row)))
    print(json.dumps({"loaded": [name for name in FORBIDDEN if name in sys.modules]}))


if __name__ == "__main__":
    main()
