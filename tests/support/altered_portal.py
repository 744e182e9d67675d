"""A portal that lies on its way to the browser: what its API gives to sign is another statement."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

from governance.change.core.diff import differences
from governance.change.core.statement import built, digest_of

Alter = Callable[[dict[str, Any]], None]


def alter_statements(page: Page, alter: Alter, *, whole: bool = False) -> None:
    """Every statement that this page asks for comes with `alter` done to its fields; `whole` makes all digests and the
    difference fit again, as a server does that means its lie.
    """

    def lie(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        fields = json.loads(base64.b64decode(told["statement"]))
        alter(fields)
        if whole:
            fit(fields)
            told["code"] = built(fields).code
        raw = built(fields).raw if whole else json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
        route.fulfill(response=answer, json={**told, "statement": base64.b64encode(raw).decode()})

    page.route("**/statement/?verb=*", lie)


def fit(fields: dict[str, Any]) -> None:
    """Recompute what is computed."""
    change, effect = fields["change"], fields["effect"]
    change["body_digest"] = digest_of(change["body"])
    effect["base_state"], effect["result_state"] = digest_of(effect["base"]), digest_of(effect["result"])
    effect["diff"] = differences(effect["base"], effect["result"])
