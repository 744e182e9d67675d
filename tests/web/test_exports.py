from __future__ import annotations

import hashlib
from uuid import UUID

import pytest
from django.test import Client

from governance.identity.core.roles import Role
from ledger.selectors import bundles, jobs
from ledger.services.exports import run_export
from ledger.single_file import build
from tests.web.house import House, signed_in

FORM = "/streams/acme/decisions/export/"
WHOLE = {"by": "range", "first": "0", "last": "5", "attrs": "on"}


def asked(client: Client, **changes: str) -> UUID:
    answer = client.post(FORM, {**WHOLE, **changes})
    assert answer.status_code == 302, answer.content.decode()
    return UUID(answer["Location"].split("/")[2])


def test_asking_for_a_bundle_freezes_range_and_disclosure(house: House, admin: Client) -> None:
    made = bundles.bundle(asked(admin))
    assert (made.first, made.last, made.head_size) == (0, 5, house.stream.signed_size)
    assert "attrs" in made.disclose
    assert "payload" not in made.disclose
    assert made.actor.startswith("person:")


def test_the_page_tells_the_way_from_the_request_to_the_verdict(admin: Client) -> None:
    public_id = asked(admin)
    waiting = admin.get(f"/bundles/{public_id}/").content.decode()
    assert "This bundle is being made." in waiting
    assert "0 of 6 leaves" in waiting
    assert "Download bundle" not in waiting
    run_export(bundles.bundle(public_id).job_id)
    done = admin.get(f"/bundles/{public_id}/").content.decode()
    assert "Verified offline just after it was written" in done
    assert "none found fault" in done
    assert "python3 -S countersign-verify.py bundle acme-decisions-0-5.tar.gz" in done
    assert "the leaves of the range are exactly those under the signed root: 6 leaves compared" in done
    assert "your policy asks for no witness: nobody independent vouches for this head" in done
    assert "no reported fork is in the bundle" in done
    assert "the quorum of your policy is met" not in done
    assert "That nobody was shown another history of this log" in done


def test_the_file_is_handed_out_as_it_was_verified(admin: Client) -> None:
    public_id = asked(admin)
    assert admin.get(f"/bundles/{public_id}/download/").status_code == 404
    run_export(bundles.bundle(public_id).job_id)
    answer = admin.get(f"/bundles/{public_id}/download/")
    octets = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a FileResponse
    assert hashlib.sha256(octets).hexdigest() == bundles.bundle(public_id).file_sha256
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="acme-decisions-0-5.tar.gz"'


def test_the_page_of_a_leaf_names_the_bundle_that_holds_it(admin: Client) -> None:
    before = admin.get("/streams/acme/decisions/events/3/").content.decode()
    assert "in no bundle" in before
    public_id = asked(admin, last="3")
    run_export(bundles.bundle(public_id).job_id)
    held = admin.get("/streams/acme/decisions/events/3/").content.decode()
    assert f"/bundles/{public_id}/" in held
    assert "in no bundle" in admin.get("/streams/acme/decisions/events/4/").content.decode()


def test_the_bar_is_polled_and_asks_for_the_page_when_the_job_ends(admin: Client) -> None:
    made = bundles.bundle(asked(admin))
    running = admin.get(f"/jobs/{made.job_id}/bar/")
    assert 'hx-trigger="every 1s"' in running.content.decode()
    assert "HX-Refresh" not in running
    run_export(made.job_id)
    ended = admin.get(f"/jobs/{made.job_id}/bar/")
    assert "hx-trigger" not in ended.content.decode()
    assert ended["HX-Refresh"] == "true"
    assert admin.get(f"/jobs/{made.job_id}/").status_code == 200


def test_a_period_becomes_the_range_that_was_recorded_in_it(house: House, admin: Client) -> None:
    made = bundles.bundle(asked(admin, by="period", recorded_from="2020-01-01T00:00"))
    assert (made.first, made.last) == (0, house.stream.signed_size - 1)
    assert made.period is not None
    assert made.period.basis == "recorded"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"first": "5", "last": "2"}, "comes before the first"),
        ({"last": "99999"}, "The newest signed root ends at leaf"),
        ({"by": "period", "recorded_to": "2020-01-01T00:00"}, "Choose a wider one"),
        ({"by": "neither"}, "Select a valid choice"),
    ],
)
def test_a_choice_that_cannot_be_exported_says_why(admin: Client, changes: dict[str, str], told: str) -> None:
    answer = admin.post(FORM, {**WHOLE, **changes})
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_the_count_follows_the_choice(admin: Client) -> None:
    assert "6 leaves: 0 to 5." in admin.get(f"{FORM}count/", WHOLE).content.decode()
    assert "6 leaves: 0 to 5." in admin.get(FORM, WHOLE).content.decode()


def test_whoever_may_not_export_is_told_who_may(viewer: Client) -> None:
    for answer in (viewer.get(FORM), viewer.post(FORM, WHOLE)):
        assert answer.status_code == 403
        assert "compliance officer" in answer.content.decode()


def test_other_methods_are_refused(admin: Client) -> None:
    assert admin.put(FORM).status_code == 405
    assert admin.post(f"/bundles/{UUID(int=1)}/").status_code == 405


def test_a_bundle_of_another_tenant_does_not_exist(admin: Client, stranger: Client) -> None:
    public_id = asked(admin)
    job = bundles.bundle(public_id).job_id
    for path in (
        f"/bundles/{public_id}/",
        f"/bundles/{public_id}/download/",
        f"/jobs/{job}/",
        f"/jobs/{job}/bar/",
    ):
        assert stranger.get(path).status_code == 404
    assert str(public_id) not in stranger.get("/bundles/").content.decode()


def test_who_sees_metadata_alone_sees_the_bundle_and_gets_no_file(house: House, admin: Client) -> None:
    public_id = asked(admin)
    run_export(bundles.bundle(public_id).job_id)
    operator = signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="olga@platform.test"))
    assert "Download bundle" not in operator.get(f"/bundles/{public_id}/").content.decode()
    assert operator.get(f"/bundles/{public_id}/download/").status_code == 403


def test_a_failed_job_says_why_and_what_next(admin: Client) -> None:
    made = bundles.bundle(asked(admin))
    assert jobs.job(made.job_id).state == "queued"
    assert "Waiting for a worker" in admin.get(f"/jobs/{made.job_id}/").content.decode()


def test_the_trust_sheet_holds_what_is_compared_over_another_channel(house: House, admin: Client) -> None:
    text = admin.get("/streams/acme/decisions/trust-sheet/").content.decode()
    assert house.stream.log.hex() in text
    assert "quorum none" in text
    assert hashlib.sha256(build()).hexdigest() in text
    assert hashlib.sha256(admin.get("/verifier/").content).hexdigest() in text
