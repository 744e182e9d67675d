"""What is told fits the facts: paths as typed in the checkout, the right key, five things."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from console.demo.facts import DemoFacts
from console.demo.telling import python_command, told, trials

CHECKOUT = Path("/checkout")
FACTS: DemoFacts = {
    "demo": True,
    "url": "http://localhost:8001",
    "host": "demo-1.localhost",
    "users": [
        {
            "name": "Author (demo)", "email": "author@demo.localhost", "role": "author",
            "tenant": "", "tenants": [], "password": "abcd-efgh-ijkl-mnop", "totp_secret": "GEZA", "otpauth": "otpauth://totp/x",
            "key_file": "",
        }
    ],
    "keys": [
        {"namespace": "inventory", "name": "demo", "scopes": ["read"], "token": "cs_key_other"},
        {"namespace": "decisions", "name": "demo", "scopes": ["append", "read"], "token": "cs_key_right"},
    ],
    "streams": [],
    "policies": {},
    "bundles": {
        "stream": "decisions/code-or-data",
        "good": "/checkout/var/demo/bundle.tar.gz",
        "tampered": "/checkout/var/demo/tampered.tar.gz",
        "policy": "/checkout/var/demo/trust.policy",
        "trust": "/checkout/var/demo/trust.json",
        "verifier": "/checkout/var/demo/countersign-verify.py",
    },
}  # fmt: skip


def test_there_are_five_things_and_each_has_a_link_or_a_command() -> None:
    found = trials(FACTS, CHECKOUT, "python3")
    assert len(found) == 5
    assert all(trial.lines for trial in found)


def test_paths_are_relative_to_the_checkout_and_absolute_outside() -> None:
    inside = trials(FACTS, CHECKOUT, "python3")[2].commands[0]
    words = [
        "var/demo/countersign-verify.py",
        "bundle",
        "var/demo/bundle.tar.gz",
        "--policy",
        "var/demo/trust.policy",
        "--trust",
        "var/demo/trust.json",
    ]
    assert inside.split() == ["python3", "-S", *words]
    assert "/checkout/var/demo/bundle.tar.gz" in trials(FACTS, Path("/elsewhere"), "python3")[2].commands[0]


def test_a_path_with_a_space_stays_one_word() -> None:
    facts: DemoFacts = {**FACTS, "bundles": {**FACTS["bundles"], "good": "/my files/bundle.tar.gz"}}
    assert "/my files/bundle.tar.gz" in shlex.split(trials(facts, CHECKOUT, "python3")[2].commands[0])


def test_only_the_key_of_the_streams_own_namespace_is_printed() -> None:
    text = told(FACTS, CHECKOUT, "python3")
    assert "cs_key_right" in text
    assert "cs_key_other" not in text


def test_it_says_that_it_is_a_demo_and_who_may_sign_in() -> None:
    text = told(FACTS, CHECKOUT, "python3")
    assert "This is a demo." in text
    assert "author@demo.localhost" in text
    assert "abcd-efgh-ijkl-mnop" in text
    assert "./manage.py demo --code author@demo.localhost" in text


def test_the_named_python_is_new_enough_for_the_verifier() -> None:
    question = "import sys; print(sys.version_info >= (3, 11))"
    done = subprocess.run([*shlex.split(python_command()), "-c", question], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
