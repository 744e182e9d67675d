"""A NullSpec contract forms on its page: from a file or typed, in the bytes of the pure core, and nothing is stored."""

from __future__ import annotations

import html
import json
import re
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.forms.evidenceos import AuthorForm, example
from governance.evidenceos.core.buckets import CalibrationBuckets
from governance.evidenceos.core.nullspec import Contract, FixedAlternative, ParametricBernoulli, read_contract
from governance.evidenceos.core.nullspec_checks import number_faults, reading_faults
from governance.evidenceos.core.resolution import Resolution
from tests.web.house import House

PAGE, FORMING = "/evidenceos/author/", "/evidenceos/author/forming/"
COUNTS = (412, 268, 170, 96, 41, 13)
U64 = 2**64 - 1


def expected(**more: Any) -> Contract:
    buckets = CalibrationBuckets(COUNTS, None, 10)
    null, mixture = buckets.null(steady=True), buckets.mixture(1.0)
    bound = Resolution(6, calibrated_at_epoch=more.get("epoch_created", 10), ttl_epochs=1).hash()
    usual = {"oracle_id": "settle", "holdout_handle": "holdout-a", "epoch_created": 10, "ttl_epochs": 20}
    told = {**usual, "kind": null, "eprocess": mixture, "calibration_manifest_hash": None, "created_by": "author-1"}
    return Contract(**{"oracle_resolution_hash": bound, **told, **more})


def posted(client: Client, path: str = PAGE, **more: Any) -> Any:
    return client.post(path, {**example("buckets"), **more})


def told(answer: Any) -> str:
    body: str = answer.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body.partition("<main")[2] or body)).split())


def test_the_bytes_to_sign_are_those_of_the_core(admin: Client) -> None:
    answer = posted(admin, step="payload")
    assert answer.content == expected().signing_payload()
    assert f'filename="nullspec-{expected().computed_id().hex()[:16]}.payload"' in answer["Content-Disposition"]
    assert read_contract(answer.content) == expected()


def test_bytes_and_id_form_beside_the_form(admin: Client) -> None:
    text = told(posted(admin, FORMING))
    assert expected().computed_id().hex() in text
    assert expected().signing_payload().decode() in text
    assert "whole, not signed" in text
    assert "It holds from epoch 10 through epoch 30." in text


def test_what_is_said_so_far_is_shown_and_what_is_missing_is_named(admin: Client) -> None:
    text = told(posted(admin, FORMING, oracle_id="", ttl_epochs=""))
    assert "Still needed: Oracle, Holds for epochs." in text
    assert "whole, not signed" not in text
    assert expected(oracle_id="", ttl_epochs=0).computed_id().hex() in text
    assert "Nothing has formed yet" in told(posted(admin, FORMING, counts=""))


def test_no_bytes_are_given_of_a_contract_that_is_not_whole(admin: Client) -> None:
    answer = posted(admin, step="payload", oracle_id="")
    assert answer.status_code == 422
    assert "Content-Disposition" not in answer


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("buckets.csv", "bucket,count\n" + "\n".join(f"{n},{one}" for n, one in enumerate(COUNTS))),
        ("buckets.csv", "\n".join(map(str, COUNTS))),
        ("buckets.json", json.dumps({"counts": COUNTS, "calibration_manifest_hash": "ab" * 32, "epoch_created": 7})),
    ],
)  # fmt: skip
def test_a_file_of_buckets_fills_the_form_in(admin: Client, name: str, content: str) -> None:
    file = BytesIO(content.encode())
    file.name = name
    answer = admin.post(PAGE, {"family": "buckets", "alpha": "1", "resolution": "fast", "step": "read", "file": file})
    assert answer.status_code == 200
    body = answer.content.decode()
    assert ", ".join(map(str, COUNTS)) in body
    assert ("ab" * 32 in body) == (name == "buckets.json")
    assert "This field is required" not in body
    assert "plot--bars" in body


def test_a_file_that_cannot_be_read_is_told_with_its_line(admin: Client) -> None:
    file = BytesIO(b"0,1\n0,2")
    file.name = "buckets.csv"
    assert "line 2: each bucket once belongs here" in told(posted(admin, step="read", file=file))
    large = BytesIO(b"1\n" * 200_000)
    large.name = "large.csv"
    assert "at most 256 KiB are read" in told(posted(admin, step="read", file=large))
    assert "Choose a file first" in told(posted(admin, step="read", counts=""))


def test_one_chance_against_a_fixed_alternative(admin: Client) -> None:
    data = {**example("bernoulli"), "step": "payload"}
    found = read_contract(admin.post(PAGE, data).content)
    assert (found.kind, found.eprocess) == (ParametricBernoulli(0.4), FixedAlternative((0.3, 0.7)))
    counted = read_contract(admin.post(PAGE, {**data, "p": "", "counts": "59, 39"}).content)
    assert counted.kind == ParametricBernoulli(0.4)
    assert admin.post(PAGE, {**data, "p": "1"}).status_code == 422
    assert admin.post(PAGE, {**data, "alternative": "1.5"}).status_code == 422


def test_integers_up_to_the_last_of_64_bits_are_kept(admin: Client) -> None:
    found = read_contract(posted(admin, step="payload", ttl_epochs=str(U64), epoch_created=str(U64)).content)
    assert (found.ttl_epochs, found.epoch_created) == (U64, U64)
    assert posted(admin, ttl_epochs=str(U64 + 1)).status_code == 422
    assert "through epoch 18,446,744,073,709,551,615" in told(posted(admin, FORMING, ttl_epochs=str(U64)))


@pytest.mark.parametrize("counts", ["1 2 3 4 5 6 7 8 9 10 11", "0 0 1000000", "3", "7 7 7", "9999990 0"])
def test_every_number_passes_the_checks_that_its_installation_asks_for(counts: str) -> None:
    form = AuthorForm({**example("buckets"), "counts": counts, "alpha": "0.30000000000000004"})
    assert form.is_valid(), form.errors
    contract = form.contract
    assert contract is not None
    assert not list(number_faults(contract))
    assert not list(reading_faults(contract))


def test_no_bytes_are_given_of_a_contract_that_would_not_be_installed(admin: Client) -> None:
    told_ = told(posted(admin, FORMING, counts="18446744073709551615 0"))
    assert "whole, and does not pass" in told_
    assert "nullspec_number_unstable" in told_
    assert "Download the bytes" not in told_
    assert posted(admin, step="payload", counts="18446744073709551615 0").status_code == 422
    assert "evidenceos_name_unsafe" in told(posted(admin, FORMING, oracle_id="../settle"))


def test_a_stated_resolution_hash_is_taken_and_told_as_not_checked(admin: Client) -> None:
    stated = {"resolution": "stated", "resolution_hash": "cd" * 32}
    assert read_contract(posted(admin, step="payload", **stated).content).oracle_resolution_hash == b"\xcd" * 32
    assert "nothing here recomputes it" in told(posted(admin, FORMING, **stated))
    assert posted(admin, resolution="stated").status_code == 422
    heavy = read_contract(posted(admin, step="payload", resolution="heavy").content)
    assert heavy.oracle_resolution_hash == Resolution(6, calibrated_at_epoch=10, ttl_epochs=1, delta_sigma=0.25).hash()


def test_a_date_is_told_only_where_the_rate_is_known(admin: Client) -> None:
    assert "A date is told where" in told(posted(admin, FORMING))
    dated = told(posted(admin, FORMING, epoch_now="28", epoch_seconds="3600"))
    assert re.search(r"At 1 h an epoch, it lapses about \d{4}-\d\d-\d\d \d\d:", dated)
    assert "it has lapsed already" in told(posted(admin, FORMING, epoch_now="31", epoch_seconds="3600"))
    forever = told(posted(admin, FORMING, ttl_epochs=str(U64), epoch_now="0", epoch_seconds="3600"))
    assert "beyond the calendar" in forever


def test_sequences_of_ones_own_are_run_and_a_bucket_that_is_not_there_is_told(admin: Client) -> None:
    text = told(posted(admin, FORMING, sequences="0 0 0\n5 5 5 5\n1 6"))
    assert "sequence 1 3" in text
    assert re.search(r"sequence 2 4 [\d.e+]+ [\d.e+]+ 2", text)
    assert "ends at step 2: there is no bucket 6 among 6" in text
    assert posted(admin, sequences="0 x").status_code == 422
    assert posted(admin, sequences="0\n" * 7).status_code == 422


def test_nothing_is_stored(house: House, admin: Client) -> None:
    admin.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        posted(admin, step="payload")
        posted(admin, FORMING)
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in written if "django_session" not in sql] == []


def test_markup_stays_text(admin: Client) -> None:
    body = posted(admin, oracle_id="<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in body


def test_whoever_reads_no_changes_authors_none(viewer: Client) -> None:
    assert viewer.get(PAGE).status_code == 403
    assert viewer.post(FORMING, example("buckets")).status_code == 403
    assert viewer.get("/evidenceos/").status_code == 403
