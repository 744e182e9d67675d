"""Every double is written and read as serde_json itself does."""

from __future__ import annotations

from hashlib import sha256

import pytest

from governance.evidenceos.core.floats import daemon_reads, serde_float
from tests.vectors import known_floats as known


def digest_of(lines: list[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()


def read_as(text: str) -> str:
    found = daemon_reads(text)
    return "-" if found is None else known.bits(found)


@pytest.mark.parametrize(("bits", "text"), known.WRITTEN)
def test_a_double_at_an_edge_is_written_as_serde_writes_it(bits: int, text: str) -> None:
    assert serde_float(known.double(bits)) == text
    assert float(text) == known.double(bits)


@pytest.mark.parametrize(("text", "bits"), known.READ)
def test_a_text_is_read_as_serde_reads_it(text: str, bits: int | None) -> None:
    assert read_as(text) == ("-" if bits is None else f"{bits:016x}")


def test_twenty_thousand_doubles_are_written_as_serde_writes_them() -> None:
    assert digest_of([serde_float(one) for one in known.drawn()]) == known.WRITTEN_DIGEST


def test_sixty_thousand_texts_are_read_as_serde_reads_them() -> None:
    numbers = list(known.drawn())
    texts = [serde_float(one) for one in numbers]
    texts += [f"{one:.16e}" for one in numbers] + [f"{one:.19e}" for one in numbers]
    assert digest_of([read_as(text) for text in texts]) == known.READ_DIGEST
