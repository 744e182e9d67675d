"""Every environment variable that the product reads has a row in docs/settings.md, and every row is read."""

from __future__ import annotations

import re

from tests.docs.documents import ROOT, first_column, strings_in_product

_NAMES = r"COUNTERSIGN_[A-Z_]+|DATABASE_[A-Z_]*URL|REDIS_URL|DJANGO_[A-Z_]*KEY|PORT|RESET"
_DJANGO_OWN = {"DJANGO_SETTINGS_MODULE"}


def _read() -> set[str]:
    in_make = set(re.findall(r"\b(PORT|RESET)\b", (ROOT / "Makefile").read_text()))
    return set(strings_in_product(_NAMES)) - _DJANGO_OWN | in_make


def test_every_variable_is_documented() -> None:
    assert sorted(_read() - first_column("settings.md")) == []


def test_no_documented_variable_is_gone() -> None:
    assert sorted(first_column("settings.md") - _read()) == []


def test_the_scan_finds_what_is_known_to_be_there() -> None:
    assert {"COUNTERSIGN_SEAL_KEY", "DATABASE_URL", "REDIS_URL", "DJANGO_SECRET_KEY"} <= _read()
