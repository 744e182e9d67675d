"""Everything long has a page: how far it is, what it said, what came of it, and a way to end it."""

from __future__ import annotations

import re
from importlib import import_module

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from governance.identity.core.roles import Role
from ledger.selectors import jobs as shown
from ledger.services import import_jobs, jobs, seal_jobs, verifying
from ledger.services.append import append_events
from ledger.services.exports import request_bundle
from ledger.storage import store
from tests.support.clones import Clone
from tests.web.house import House, decision, signed_in

pytestmark = pytest.mark.usefixtures("registered")
STREAM = "/streams/acme/decisions/"
LINES = b'{"type":"note","id":"n%d","payload":{"n":%d}}\n'


@pytest.fixture
def registered() -> None:
    """A worker knows the tasks by having imported them."""
    import_module("ledger.tasks")


def lines(count: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("notes.ndjson", b"".join(LINES % (n, n) for n in range(count)))


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def newest() -> shown.JobView:
    return shown.jobs_in({"acme"})[0]


def test_a_verification_says_what_it_checked(house: House, admin: Client, eager_tasks: None) -> None:
    response = admin.post(f"{STREAM}verify/", {"mode": "full"})
    text = text_of(admin, response["Location"])
    assert "The store is verified, in full mode." in text
    assert "hashing what is stored" in text
    assert "Verification of acme/decisions" in text


def test_a_verification_of_an_altered_store_is_rejected(
    house: House, admin: Client, eager_tasks: None, ledger_db: Clone
) -> None:
    with psycopg.connect(ledger_db.admin_url) as connection:
        connection.execute("ALTER TABLE ledger_leaf DISABLE TRIGGER append_only_rows")
        connection.execute("UPDATE ledger_leaf SET hash = decode(repeat('ab', 32), 'hex') WHERE index = 3")
    text = text_of(admin, admin.post(f"{STREAM}verify/", {"mode": "full"})["Location"])
    assert "The store is rejected" in text
    assert "leaf 3" in text


def test_a_stream_is_verified_once_at_a_time(house: House, admin: Client) -> None:
    verifying.request_verify(house.stream, "full", actor="machine:test")
    text = admin.post(f"{STREAM}verify/", {"mode": "full"}, follow=True).content.decode()
    assert "is being verified already" in text
    assert len(shown.jobs_in({"acme"})) == 1


def test_who_sees_metadata_may_verify_and_strangers_get_the_404(house: House, client: Client, stranger: Client) -> None:
    operator = signed_in(client, house.person(Role.PLATFORM_OPERATOR))
    assert operator.post(f"{STREAM}verify/").status_code == 302
    assert stranger.post(f"{STREAM}verify/").status_code == 404


def test_an_uploaded_file_is_appended_once_however_often_it_is_sent(
    house: House, admin: Client, eager_tasks: None
) -> None:
    before = house.fresh().size
    for told in ("7 events appended", "0 events appended, 7 were there before"):
        response = admin.post(f"{STREAM}import/", {"file": lines(7), "format": "ndjson"})
        assert told in text_of(admin, response["Location"])
    assert house.fresh().size == before + 7
    assert list(store().keys(import_jobs.PREFIX)) == []


def test_a_wrong_line_ends_the_import_with_its_number(house: House, admin: Client, eager_tasks: None) -> None:
    wrong = SimpleUploadedFile("x.ndjson", LINES % (1, 1) + b"nonsense\n")
    text = text_of(admin, admin.post(f"{STREAM}import/", {"file": wrong, "format": "ndjson"})["Location"])
    assert "Failed" in text
    assert newest().error is not None


def test_importing_takes_the_right_to_append(house: House, viewer: Client) -> None:
    response = viewer.post(f"{STREAM}import/", {"file": lines(1), "format": "ndjson"})
    assert response.status_code == 403
    assert "tenant admin" in response.content.decode()


def test_an_import_without_a_file_says_so(admin: Client) -> None:
    response = admin.post(f"{STREAM}import/", {"format": "ndjson"})
    assert response.status_code == 422


def test_the_command_has_a_page_too(house: House, admin: Client, tmp_path: object) -> None:
    file = tmp_path / "notes.ndjson"  # type: ignore[operator]  # pytest's path
    file.write_bytes(b"".join(LINES % (n, n) for n in range(5)))
    call_command("ledger_import", "acme/decisions", str(file), "--json")
    text = text_of(admin, f"/jobs/{newest().public_id}/")
    assert "5 lines read: 5 events appended." in text
    assert "command:ledger_import" in text


def test_a_large_window_is_closed_by_a_job(
    house: House, admin: Client, eager_tasks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal_jobs, "AT_ONCE", 3)
    append_events(house.fresh(), [decision(number) for number in range(50, 60)], actor="machine:test")
    response = admin.post(f"{STREAM}seal/")
    assert "its root is signed" in text_of(admin, response["Location"])


def test_a_job_is_cancelled_by_who_asked_for_it_or_may_ask(house: House, admin: Client, viewer: Client) -> None:
    _, job = request_bundle(house.stream, 0, 3, actor="machine:test")
    path = f"/jobs/{job.public_id}/"
    assert "Cancel this job" not in text_of(viewer, path)
    refused = viewer.post(f"{path}cancel/")
    assert refused.status_code == 403
    assert "machine:test" in refused.content.decode()
    assert "Cancel this job" in text_of(admin, path)
    assert "The job is cancelled" in admin.post(f"{path}cancel/", follow=True).content.decode()
    assert shown.job(job.public_id).state == "cancelled"
    assert "cancelled by person:" in text_of(admin, path)
    assert "has ended already" in admin.post(f"{path}cancel/", follow=True).content.decode()


def test_a_job_of_others_cannot_be_seen_or_cancelled(house: House, stranger: Client) -> None:
    _, job = request_bundle(house.stream, 0, 3, actor="machine:test")
    assert stranger.get(f"/jobs/{job.public_id}/").status_code == 404
    assert stranger.post(f"/jobs/{job.public_id}/cancel/").status_code == 404
    assert shown.job(job.public_id).state == "queued"
    assert str(job.public_id) not in text_of(stranger, "/jobs/")


def test_the_page_of_a_running_job_tells_percent_and_its_log(house: House, admin: Client) -> None:
    _, job = request_bundle(house.stream, 0, 10, actor="machine:test")
    held = jobs.claim(job.public_id)
    assert held is not None
    jobs.progress(held, 4, message="packing")
    jobs.progress(held, 5, message="packing")
    text = text_of(admin, f"/jobs/{job.public_id}/")
    assert "5 of 10 leaves, 50 %" in text
    assert text.count("<span>packing</span>") == 1
    assert "a worker took it up" in text


def test_jobs_are_narrowed_by_kind_state_and_mine(house: House, admin: Client) -> None:
    _, export = request_bundle(house.stream, 0, 3, actor="machine:test")
    check = verifying.request_verify(house.stream, "quick", actor="machine:test")
    jobs.cancel(check.public_id)
    for query, there in {"": [export, check], "?kind=export": [export], "?state=cancelled": [check],
                         "?mine=1": [], "?kind=nonsense": [export, check]}.items():  # fmt: skip
        found = set(re.findall(r'<a href="/jobs/([0-9a-f-]{36})/"', text_of(admin, f"/jobs/{query}")))
        assert found == {str(one.public_id) for one in there}, query


def test_an_import_by_a_command_that_died_says_what_to_do(house: House, admin: Client, eager_tasks: None) -> None:
    with pytest.raises(KeyboardInterrupt), import_jobs.told(house.stream, "x", 3, actor="command:x"):
        raise KeyboardInterrupt
    assert newest().state == "failed"
    assert "Run the same command again" in text_of(admin, f"/jobs/{newest().public_id}/")


def test_old_uploads_are_swept(house: House) -> None:
    store().put(f"{import_jobs.PREFIX}/aa/{'0' * 12}7{'a' * 19}", b"old")
    assert import_jobs.sweep_uploads() == 1
