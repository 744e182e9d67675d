"""A claim verified in the console: the files find their places by what they hold, keys come from whoever verifies."""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client

from tests.support.evidenceos import CONTRACT, LOG, STRANGER, public
from tests.support.evidenceos_files import (
    CAPSULE,
    ENTRIES,
    b64,
    capsule,
    fetched_json,
    head,
    head_json,
    snapshot,
    snapshot_json,
)

PAGE = "/evidenceos/claims/"
KEY = public(LOG).hex()


def verified(client: Client, *files: bytes, keys: str = KEY, **more: str) -> tuple[int, str]:
    sent = [_named(BytesIO(data), f"file-{n}.json") for n, data in enumerate(files)]
    answer = client.post(PAGE, {"files": sent, "keys": keys, **more})
    text = answer.content.decode().partition("<main")[2]
    return answer.status_code, " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _named(file: BytesIO, name: str) -> BytesIO:
    file.name = name
    return file


def test_the_page_names_the_command_that_comes_to_the_same_offline(viewer: Client, tmp_path: Path) -> None:
    plain = html.unescape(re.sub(r"<[^>]*>", " ", viewer.get(PAGE).content.decode()))
    assert "python -m governance.evidenceos claim --key PUBLIC_KEY -- FILE..." in plain
    for files, outcome in (((fetched_json(), snapshot_json(snapshot())), 0), ((fetched_json(),), 2)):
        for n, data in enumerate(files):
            (tmp_path / f"file-{n}.json").write_bytes(data)
        _, text = verified(viewer, *files)
        words = shlex.split(text.partition("Copy command ")[2].partition(" More:")[0])
        assert words[:4] == ["python", "-m", "governance.evidenceos", "claim"]
        place = {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PATH": os.environ["PATH"]}
        done = subprocess.run([sys.executable, *words[1:]], cwd=tmp_path, env=place, check=False, capture_output=True)
        assert done.returncode == outcome, done.stderr


def test_a_sound_claim_is_verified(viewer: Client) -> None:
    status, text = verified(viewer, snapshot_json(snapshot()), fetched_json())
    assert status == 200
    assert "The claim is in the log under a head that you trust" in text
    assert "No step found fault." in text
    assert "answer of FetchCapsule" in text
    assert "list of revocations" in text
    assert "What this verdict does not say" in text


@pytest.mark.parametrize("key", [b64(public(LOG)), f"\n{KEY.upper()}\n{public(STRANGER).hex()}\n"])
def test_keys_are_taken_in_every_common_form(viewer: Client, key: str) -> None:
    assert "No step found fault." in verified(viewer, snapshot_json(snapshot()), fetched_json(), keys=key)[1]


def test_a_revoked_claim_is_not_to_be_relied_on(viewer: Client) -> None:
    revoked = snapshot_json(snapshot(sha256(CAPSULE).digest()))
    status, text = verified(viewer, revoked, fetched_json())
    assert status == 200
    assert "Do not rely on this claim" in text
    assert "claim_revoked" in text


def test_what_is_missing_leaves_the_verdict_open(viewer: Client) -> None:
    text = verified(viewer, fetched_json())[1]
    assert "something could not be checked" in text
    assert "revocations_missing" in text
    stranger = verified(viewer, snapshot_json(snapshot()), fetched_json(), keys=public(STRANGER).hex())[1]
    assert "tree_head_key_unknown" in stranger


def test_the_contract_and_an_earlier_head_are_compared_where_they_are_shown(viewer: Client) -> None:
    files = snapshot_json(snapshot()), fetched_json(), CONTRACT.canonical()
    text = verified(viewer, *files, json.dumps(head_json(head(2))).encode())[1]
    assert "No step found fault." in text
    assert "tree head that was seen before" in text
    split = head(len(ENTRIES), [b"other", *ENTRIES[1:]])
    assert "tree_heads_differ" in verified(viewer, *files, json.dumps(head_json(split)).encode())[1]


def test_what_the_claim_rests_on_is_found_among_the_files(viewer: Client) -> None:
    far = capsule("d1" * 32)
    data = capsule("e1" * 32, (sha256(far).digest(),))
    entries = [far, data]
    feed = snapshot_json(snapshot(at=head(2, entries)))
    shown = verified(viewer, fetched_json(data, 1, entries), fetched_json(far, 0, entries), feed)[1]
    assert "No step found fault." in shown
    assert "e1" * 32 in shown
    assert "No step found fault." in verified(viewer, fetched_json(data, 1, entries), far, feed)[1]
    assert "dependencies_unknown" in verified(viewer, fetched_json(data, 1, entries), feed)[1]


def test_of_several_claims_one_has_to_be_named(viewer: Client) -> None:
    one, two = capsule("d1" * 32), capsule("e1" * 32)
    entries = [one, two]
    files = fetched_json(one, 0, entries), fetched_json(two, 1, entries), snapshot_json(snapshot(at=head(2, entries)))
    status, text = verified(viewer, *files)
    assert status == 422
    assert "it is not clear which is meant" in text
    assert "No step found fault." in verified(viewer, *files, claim_id="e1" * 32)[1]


def test_a_file_that_cannot_be_read_is_told_beside_the_good_ones(viewer: Client) -> None:
    text = verified(viewer, snapshot_json(snapshot()), fetched_json(), b"{", b'{"more": 1}')[1]
    assert "No step found fault." in text
    assert text.count("not read") == 0
    assert "$.more: the format does not have it." in text


def test_without_files_or_keys_nothing_is_judged(viewer: Client) -> None:
    assert verified(viewer)[0] == 422
    assert verified(viewer, fetched_json(), keys="")[0] == 422
    assert "line 1: an Ed25519 public key" in verified(viewer, fetched_json(), keys="zz")[1]
    assert "there is no claim to verify" in verified(viewer, snapshot_json(snapshot()))[1]
    assert verified(viewer, *([b"{}"] * 65))[0] == 422


def test_a_stranger_is_sent_to_sign_in() -> None:
    assert Client().get(PAGE).status_code == 302
