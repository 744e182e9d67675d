"""The other doors to governed change, each tried in its own way: administration, browsable API, task, command.

An attack is a `Try`. At each door it is refused, moves nothing, and is a denial in `_system/events`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery import shared_task
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import Client

from governance.identity.core.roles import Role
from governance.identity.models import Person
from ledger.errors import RequestError
from ledger.management.command import LedgerCommand
from ledger.models import DenialTally
from tests.support.attacks import JSON, Doors, effects
from tests.support.governed import denials
from tests.support.world import person, signed_in

FORM = "application/x-www-form-urlencoded"
DOORS = ("administration", "browsable API", "task", "command")
_given: dict[str, Callable[[], object]] = {}


@dataclass(frozen=True)
class Try:
    """What somebody wants: `call` is it as code of a worker or at the server would do it, `address` and `body` as a
    browser would, `writes` (path below /admin/, fields) as a form of the administration would. `code` is the refusal,
    `http` the API's where its own door refuses first. `moves`: the refusal found a step that time or others took.
    """

    code: str
    call: Callable[[], object]
    client: Callable[[], Client]
    address: str
    body: Any
    writes: tuple[str, dict[str, Any]]
    http: str = ""
    method: str = "post"
    moves: bool = False


def tried(doors: Doors, door: str, one: Try) -> None:
    """Attack at this door; fails unless it was refused, left nothing, and is a denial."""
    operator()
    before, told = effects(), recorded()
    _AT[door](doors, one)
    after = effects()
    moved = {"size", "changes", "answered"} if one.moves else set()
    assert not [name for name in after.keys() - moved if after[name] != before[name]], f"{door} moved something"
    assert recorded() > told, f"{door} left no denial"


def recorded() -> int:
    """Denials of known callers and of nobody known."""
    return len(denials()) + (DenialTally.objects.aggregate(Sum("count"))["count__sum"] or 0)


def _administration(_: Doors, one: Try) -> None:
    """By who may open it, and by the attacker."""
    path, fields = one.writes
    said = len(denials())
    assert operator().post(f"/admin/{path}", fields).status_code == 405
    assert one.client().post(f"/admin/{path}", fields).status_code == 403
    assert denials()[said:] == ["method_not_allowed", "role_missing"], denials()[said:]


def operator() -> Client:
    """Somebody who runs the platform, and so opens the administration."""
    found = Person.objects.filter(email="olga@gov.test").first()
    return signed_in(found or person("olga@gov.test", Role.PLATFORM_OPERATOR, None, decided=True))


def _browsable(_: Doors, one: Try) -> None:
    """The attack's own body asked for as a page, then as the form that such a page would have sent."""
    said, client = len(denials()), one.client()
    address = one.address + ("&" if "?" in one.address else "?") + "format=api"
    if one.method == "get":
        answer = client.get(address, headers={"Accept": "text/html"})
    else:
        answer = client.post(address, json.dumps(one.body), JSON, headers={"Accept": "text/html"})
    code = one.http or one.code
    assert (answer["Content-Type"], answer.json()["code"]) == ("application/problem+json", code), answer.content
    assert denials()[said:] == [code], denials()[said:]
    if one.method == "post":
        form = {"_content_type": JSON, "_content": json.dumps(one.body), "_method": "POST"}
        assert client.post(one.address, form).status_code == 415


def call_instead(door: str, call: Callable[[], object]) -> None:
    """What the task or the command calls from now on."""
    _given[door] = call


@shared_task(name="tests.attack")
def attack_in_a_task(door: str) -> None:
    """What an attacker who may run code in a worker calls."""
    _given[door]()


class AttackCommand(LedgerCommand):
    """What an attacker at the server calls."""

    example = "attack"

    def act(self, _options: dict[str, Any]) -> dict[str, Any]:
        _given["command"]()
        return {}

    def words(self, _told: dict[str, Any]) -> str:
        return ""


def _task(_: Doors, one: Try) -> None:
    _given["task"], said = one.call, len(denials())
    result = attack_in_a_task.apply(args=("task",), throw=False)
    assert isinstance(result.result, RequestError), result.result
    assert result.result.code == one.code, result.result
    assert denials()[said:] == [one.code], denials()[said:]


def _command(_: Doors, one: Try) -> None:
    _given["command"], said = one.call, len(denials())
    try:
        call_command(AttackCommand())
    except CommandError as error:
        cause = error.__cause__
        assert isinstance(cause, RequestError), cause
        assert cause.code == one.code, cause
    else:
        raise AssertionError("the command did it")
    assert denials()[said:] == [one.code], denials()[said:]


_AT: dict[str, Callable[[Doors, Try], None]] = {
    "administration": _administration, "browsable API": _browsable, "task": _task, "command": _command,
}  # fmt: skip
