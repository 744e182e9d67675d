"""A caller of an installation's API, by plain HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from ledger.storage.guards import open_guard
from tests.support.installation import Installation, until
from tests.support.ledger_walk import Walk, events_of
from tests.support.load import Stream

TIMEOUT_S = 60.0
SILENCE = 0


@dataclass(frozen=True)
class Caller:
    """Calls with the key of the tenant, about one stream."""

    where: Installation
    token: str
    stream: Stream

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of an answer; status 0 where there was none."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.where.url}/api/v1/{path}", data, headers, method=method)  # noqa: S310 - our own server
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - our own server
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)
        except OSError as error:
            return SILENCE, {"code": str(error)}

    def about(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The same, below the stream's address."""
        return self.call(method, f"streams/acme/{self.stream.name}/{path}", body)

    def append(self, event_id: str, text: str = "x") -> tuple[int, Any]:
        """One event."""
        event = {"type": "t.test", "id": event_id, "source": "urn:tests", "payload": text}
        return self.about("POST", "events/", event)

    def appended(self, event_id: str, text: str = "x") -> int:
        """One event that has to be taken, at the latest when connections from before a crash are used up."""
        found: list[int] = []

        def taken() -> bool:
            status, told = self.append(event_id, text)
            found.extend([int(told["index"])] if status in {200, 201} else [])
            return bool(found)

        until(taken, lambda: str(self.append(event_id, text)))
        return found[0]

    def seal(self) -> tuple[int, Any]:
        """Ask for a checkpoint."""
        return self.about("POST", "seal/")

    def sealed(self) -> None:
        """A checkpoint that has to be made, likewise."""
        until(lambda: self.seal()[0] == 200, lambda: str(self.seal()))

    def refused(self, code: str) -> None:
        """Append and seal are refused with this code, more than once; a seal may also find nothing to close."""
        for number in range(2):
            status, told = self.append(f"refused-{code}-{number}")
            assert (status, told.get("code")) == (503, code), told
            status, told = self.seal()
            assert (status, told.get("code")) == (503, code) or told["sealed"] is False, told

    def goes_on(self, event_id: str) -> None:
        """It is taken again, by itself and soon, and sealed."""
        self.appended(event_id)
        self.sealed()

    def size(self) -> int:
        """How many leaves there are."""
        return int(self.call("GET", f"streams/acme/{self.stream.name}/")[1]["size"])


def intact(caller: Caller) -> Walk:
    """The stream is one history that its head guard agrees with, and no event stands there twice."""
    url = caller.where.clone.runtime_url
    walk = Walk(caller.stream.origin, caller.stream.vkey)
    walk.look(url)
    assert walk.settled(open_guard(caller.where.guard_url).read(caller.stream.origin))
    found = events_of(url, caller.stream.origin)
    assert len(set(found)) == len(found)
    return walk


def says(caller: Caller, check: str, state: str, words: str) -> None:
    """`/ready` tells it."""

    def told() -> bool:
        found = caller.where.ready().get("checks", {}).get(check, {})
        return found.get("state") == state and words in found["detail"]

    until(told, lambda: str(caller.where.ready()))
