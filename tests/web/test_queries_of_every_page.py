"""No page takes more than twelve queries: none of the gallery by who sees most of it, and no stage of a change."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.identity.models import Person
from tests.e2e.gallery import ADMIN, OPERATOR, PAGES
from tests.e2e.lively import lively
from tests.e2e.stages import deployment, frozen, reader, staged
from tests.support.clones import Clone
from tests.support.world import signed_in as with_a_factor
from tests.web.house import inhabited, signed_in

pytestmark = pytest.mark.db
MOST = 12
NOT_SHOWN = {"forbidden": 403, "nowhere": 404}


def test_each_page_of_the_gallery(ledger_db: Clone) -> None:
    named, found = lively(inhabited(events=60)), list[str]()
    readers = {email: signed_in(Client(), Person.objects.get(email=email)) for email in (OPERATOR, ADMIN)}
    for name, (who, path) in PAGES.items():
        found += over(readers[who], path.format(**named), NOT_SHOWN.get(name, 200))
    assert not found, "\n".join(found)


def test_each_stage_of_a_change(ledger_db: Clone, settings: Any) -> None:
    settings.COUNTERSIGN_STEP_UP = "totp"
    it = deployment()
    found = list[str]()
    for stages in (staged, frozen):
        for who, path in stages(it).values():
            found += over(with_a_factor(reader(it, who)), path, 200)
    assert not found, "\n".join(found)


def over(client: Client, path: str, status: int) -> list[str]:
    """What is wrong with a page that was opened once before."""
    cache.clear()
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        answered = client.get(path).status_code
    asked = [one["sql"] for one in queries.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    wrong = [f"{path} answered {answered}"] if answered != status else []
    if len(asked) > MOST:
        wrong.append(f"{path} takes {len(asked)}:\n  " + "\n  ".join(one[:160] for one in asked))
    return wrong
