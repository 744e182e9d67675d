"""The file stands alone: stock Python, no package of ours, no package of anybody."""

from __future__ import annotations

import json
import subprocess
import sys

import countersign_client as client
from tests.support.server import ROOT
from tests.vectors.known_ed25519 import VALID

PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import countersign_client as client
rows = [tuple(map(bytes.fromhex, row)) for row in json.loads(sys.argv[2])]
found = [client.verify(*row) for row in rows] + [client.verify(key, text + b"x", sig) for key, text, sig in rows]
foreign = [name for name in sys.modules if name.partition(".")[0] in {"ledger", "console", "django", "nacl"}]
print(json.dumps([client.sodium is None, found, foreign]))
"""


def test_it_verifies_on_a_python_without_any_package() -> None:
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(ROOT), json.dumps(VALID)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [True, [True] * len(VALID) + [False] * len(VALID), []]


def test_it_uses_libsodium_where_that_is_installed() -> None:
    assert client._equation is client._sodium_equation
