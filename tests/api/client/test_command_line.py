"""The command line: append, flush, status and head as a shell script uses them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ledger.models import Leaf
from tests.support.live import Exchange
from tests.support.server import ROOT

if TYPE_CHECKING:
    from tests.api.client.conftest import Scene


def run(scene: Scene, *arguments: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    told = {**os.environ, **scene.environ(), **environ}
    command = [sys.executable, "-I", "countersign_client.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=told, input=stdin, capture_output=True, text=True, check=False)


def test_append_flush_status_and_head(scene: Scene) -> None:
    given = run(scene, "append", "ai.decision", "--payload", '{"outcome":"refer"}', "--id", "dec-1", "--subject", "c")
    assert (given.returncode, json.loads(given.stdout)) == (0, {"id": "dec-1"})
    piped = run(scene, "append", "ai.decision", stdin="[1, 2]")
    assert len(json.loads(piped.stdout)["id"]) == 36
    assert json.loads(run(scene, "status").stdout)["pending"] == 2
    sent = run(scene, "flush", "--timeout", "30")
    assert (sent.returncode, json.loads(sent.stdout)["receipted"]) == (0, 2), sent.stderr
    assert Leaf.objects.filter(stream_id=scene.place.stream.id, kind="event").count() == 2
    head = json.loads(run(scene, "head").stdout)
    assert (head["size"], len(head["root"])) == (4, 64)


@pytest.mark.parametrize(
    ("arguments", "environ", "said"),
    [
        (["append", "t", "--payload", "{"], {}, "not JSON"),
        (["append", "t", "--payload", "1e400"], {}, "not finite"),
        (["status"], {"COUNTERSIGN_URL": ""}, "--url"),
        (["flush"], {"COUNTERSIGN_VKEY": "nonsense"}, "verifier key"),
    ],
)
def test_errors_are_one_line_with_the_next_step(
    scene: Scene, arguments: list[str], environ: dict[str, str], said: str
) -> None:
    done = run(scene, *arguments, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Next: " in done.stderr
    assert done.stderr.count("\n") == 1


def test_exit_codes_tell_a_liar_from_one_who_is_away(scene: Scene) -> None:
    def away(exchange: Exchange) -> None:
        exchange.status = 503

    def lie(exchange: Exchange) -> None:
        exchange.answer = b"{}"

    run(scene, "append", "t", "--payload", "1")
    scene.line.before = away
    assert run(scene, "flush", "--timeout", "0").returncode == 75
    scene.line.before = lambda _: None
    assert run(scene, "flush").returncode == 0
    run(scene, "append", "t", "--payload", "2")
    scene.line.after = lie
    assert run(scene, "flush", "--timeout", "0").returncode == 1


@pytest.mark.parametrize("arguments", [[], ["append"], ["flush"], ["status"], ["head"]])
def test_every_command_explains_itself(scene: Scene, arguments: list[str]) -> None:
    done = run(scene, *arguments, "--help")
    assert done.returncode == 0
    assert "usage: countersign_client.py" in done.stdout
