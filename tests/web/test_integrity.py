"""The page of integrity says what was compared and when, and claims nothing that was not."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from governance.identity.core.roles import Role
from governance.watching.services.sweep import sweep
from ledger.models import Job
from ledger.services.verifying import request_verify, run_verify
from tests.web.house import House, signed_in

pytestmark = pytest.mark.db


@pytest.fixture
def auditor(house: House, client: Client) -> Client:
    return signed_in(client, house.person(Role.INTERNAL_AUDITOR))


def row(client: Client) -> str:
    """The line of acme's stream, without its markup."""
    text = client.get("/integrity/").content.decode()
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "beta/decisions" not in text
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def answer(client: Client) -> str:
    text = client.get("/integrity/").content.decode()
    return " ".join(text.partition('<p class="answer">')[2].partition("</p>")[0].split())


def test_before_any_check_nothing_is_claimed(auditor: Client) -> None:
    assert row(auditor).startswith("acme/decisions not checked yet heads no witness asked not asked for yet")
    assert "gives the stored tree on 0 of 1 stream." in answer(auditor)
    assert "gave what was signed on 0." in answer(auditor)
    assert "compares heads with another reader" in answer(auditor)


def test_a_check_of_the_schedule_and_a_whole_verification_are_told_with_their_age(
    house: House, auditor: Client
) -> None:
    sweep(timezone.now())
    made = request_verify(house.stream, "full", actor="machine:test")
    run_verify(made.public_id)
    assert re.search(r"verifies heads .* ago", row(auditor)) or "just now" in row(auditor)
    assert "verified from the first leaf on" in row(auditor)
    assert f'href="/jobs/{made.public_id}/"' in auditor.get("/integrity/").content.decode()
    assert "gives the stored tree on 1 of 1 stream." in answer(auditor)
    assert "gave what was signed on 1." in answer(auditor)


def test_a_rejected_verification_stands_red_and_one_that_failed_is_no_verdict(house: House, auditor: Client) -> None:
    made = request_verify(house.stream, "quick", actor="machine:test")
    run_verify(made.public_id)
    Job.objects.filter(public_id=made.public_id).update(result={"outcome": "rejected"})
    assert "rejected from the last checkpoint on" in row(auditor)
    assert "is-fail" in auditor.get("/integrity/").content.decode()
    Job.objects.filter(public_id=made.public_id).update(result=None, state="failed")
    assert "did not end" in row(auditor)
    assert "gave what was signed on 0." in answer(auditor)


def test_its_button_asks_for_a_verification_of_the_whole_stream(house: House, auditor: Client) -> None:
    shown = auditor.get("/integrity/").content.decode()
    assert 'action="/streams/acme/decisions/verify/"' in shown
    answered = auditor.post("/streams/acme/decisions/verify/", {"mode": "full"})
    assert answered.status_code == 302
    assert Job.objects.get().params["mode"] == "full"


def test_a_tenant_is_told_which_roles_it_takes(house: House) -> None:
    refused = signed_in(Client(), house.person(Role.TENANT_ADMIN, email="tia@acme.test")).get("/integrity/")
    assert refused.status_code == 403
    assert "internal auditor" in refused.content.decode()
