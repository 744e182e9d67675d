from __future__ import annotations

import base64

import pytest

from console import configuration

GOOD = {
    "COUNTERSIGN_ENV": "production",
    "DJANGO_SECRET_KEY": "k" * 50,
    "COUNTERSIGN_SEAL_KEY": base64.b64encode(b"s" * 32).decode(),
    "COUNTERSIGN_PUBLIC_NAME": "evidence.example",
    "DATABASE_URL": "postgresql://runtime@db/countersign",
}


def test_it_accepts_a_complete_production_environment() -> None:
    found = configuration.read(GOOD)
    assert found.problems == []
    assert found.allowed_hosts == ["evidence.example"]
    assert found.hsts_seconds > 0


def test_models_of_passkeys_are_aaguids() -> None:
    good = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
    listed = f"{good.upper()}, fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
    found = configuration.read({**GOOD, "COUNTERSIGN_PASSKEY_MODELS": listed})
    assert (len(found.passkey_models), good in found.passkey_models, found.problems) == (2, True, [])
    for wrong in ("yubikey", "00000000-0000-0000-0000-000000000000"):
        problems = configuration.read({**GOOD, "COUNTERSIGN_PASSKEY_MODELS": wrong}).problems
        assert [problem.split()[0] for problem in problems] == ["COUNTERSIGN_PASSKEY_MODELS"]


@pytest.mark.parametrize("name", sorted(GOOD.keys() - {"COUNTERSIGN_ENV"}))
def test_it_names_what_production_lacks(name: str) -> None:
    problems = configuration.read({key: value for key, value in GOOD.items() if key != name}).problems
    assert [problem.split()[0] for problem in problems] == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COUNTERSIGN_DEBUG", "1"),
        ("COUNTERSIGN_INSECURE_COOKIES", "true"),
        ("COUNTERSIGN_ALLOWED_HOSTS", "*"),
        ("COUNTERSIGN_HEAD_GUARD", "memory:"),
        ("COUNTERSIGN_SEAL_KEY", configuration.TEST_SEAL_KEY),
        ("COUNTERSIGN_SEAL_KEY", base64.b64encode(b"short").decode()),
        ("COUNTERSIGN_SEAL_KEY", "not base64!"),
        ("DJANGO_SECRET_KEY", "short"),
        ("COUNTERSIGN_ENV", "staging"),
        ("COUNTERSIGN_TRUSTED_PROXIES", "everybody"),
        ("COUNTERSIGN_API_RATE", "many"),
        ("COUNTERSIGN_ANONYMOUS_RATE", "0/60"),
    ],
)
def test_it_refuses_what_is_unsafe_in_production(name: str, value: str) -> None:
    problems = configuration.read({**GOOD, name: value}).problems
    assert len(problems) == 1
    assert name in problems[0]
    assert "Next:" in problems[0]


def test_an_unset_mode_is_production() -> None:
    assert configuration.read({}).mode == "production"
    assert len(configuration.read({}).problems) == 4


def test_debugging_is_allowed_in_the_demo() -> None:
    found = configuration.read({**GOOD, "COUNTERSIGN_ENV": "demo", "COUNTERSIGN_DEBUG": "1"})
    assert found.debug
    assert found.problems == []
    assert "localhost" in found.allowed_hosts


def test_redis_is_the_broker_when_it_is_named() -> None:
    assert configuration.read({**GOOD, "REDIS_URL": "redis://r/0"}).broker_url == "redis://r/0"
    assert configuration.read(GOOD).broker_url.startswith("filesystem:")
