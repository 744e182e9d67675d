"""A contender's own process: reads calls from standard input, one JSON object a line, and answers likewise.

`python -m bench.serve MODULE` imports the module and runs its functions by name. It ends with its input, and
with its parent (the leash). Whatever else is printed goes to standard error.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback


def main() -> None:
    """Answer calls until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module = importlib.import_module(sys.argv[1])
    for line in sys.stdin:
        call = json.loads(line)
        try:
            told = {"result": getattr(module, call["call"])(**call["args"])}
        except Exception:  # noqa: BLE001  whatever it is, the caller tells it
            told = {"error": traceback.format_exc()}
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
