"""Checkpoints: one text for each head, and the empty log only with its own root."""

from __future__ import annotations

import pytest

from ledger.core.checkpoint import MAX_SIZE, Checkpoint, decimal, parse_checkpoint
from ledger.core.merkle import EMPTY_ROOT
from ledger.core.types import Hash, TreeSize
from ledger.errors import NoteMalformed
from tests.vectors.known_notes import COSIGNED_TEXT

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
EMPTY = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_it_reads_the_published_example() -> None:
    head = parse_checkpoint(COSIGNED_TEXT)
    assert (head.origin, head.size, head.extensions) == ("example.com/behind-the-sofa", 20852163, ())
    assert head.root.hex().startswith("0ac5186a")
    assert head.text() == COSIGNED_TEXT


@pytest.mark.parametrize(
    "text",
    [f"a log\n1\n{ROOT}\n", f"o\n{MAX_SIZE}\n{ROOT}\n", f"o\n1\n{ROOT}\none\ntwo\n", f"o\n0\n{EMPTY}\n"],
)
def test_it_writes_what_it_read(text: str) -> None:
    assert parse_checkpoint(text).text() == text


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (f"o\n{size}\n{ROOT}\n", "line 2")
        for size in ("", "-1", "+1", "01", "00", " 1", "1 ", "1e3", "x", "\u0661", "0x1")
    ]
    + [(f"o\n{size}\n{ROOT}\n", "line 2") for size in (MAX_SIZE + 1, 10**19, 10**100)]
    + [
        (f"o\n1\n{root}\n", "line 3")
        for root in ("", "AA==", ROOT[:-1], ROOT[:-2] + "J=", ROOT + " ", ROOT.replace("/", "_"), "?")
    ]
    + [(f"o\n1\n{root}\n", "line 3") for root in ("A" * 42 + "==", "A" * 44)]
    + [(f"o\n0\n{ROOT}\n", "line 3")],
)
def test_it_refuses_other_spellings_and_names_the_line(text: str, path: str) -> None:
    with pytest.raises(NoteMalformed) as caught:
        parse_checkpoint(text)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "o\n",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\nx\n\ny\n",
        f"o\r\n1\n{ROOT}\n",
        f"o\n1\n{ROOT}\nx\x00\n",
        f"o\n1\n{ROOT}\r\n",
    ],
)
def test_it_refuses_missing_and_empty_lines(text: str) -> None:
    with pytest.raises(NoteMalformed):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, bytes(32), ()),
        ("a\nb", 1, bytes(32), ()),
        ("\ud800", 1, bytes(32), ()),
        ("o", -1, bytes(32), ()),
        ("o", MAX_SIZE + 1, bytes(32), ()),
        ("o", 1, bytes(31), ()),
        ("o", 0, bytes(32), ()),
        ("o", 1, bytes(32), ("",)),
    ],
)
def test_a_head_that_has_no_text_is_not_made(origin: str, size: int, root: bytes, extensions: tuple[str, ...]) -> None:
    with pytest.raises(NoteMalformed):
        Checkpoint(origin, TreeSize(size), Hash(root), extensions)


def test_the_empty_log_has_its_root() -> None:
    assert Checkpoint("o", TreeSize(0), EMPTY_ROOT).text() == f"o\n0\n{EMPTY}\n"


def test_a_decimal_goes_to_the_largest_signed_number() -> None:
    assert decimal(str(MAX_SIZE)) == 2**63 - 1
    with pytest.raises(ValueError, match="2\\^63-1"):
        decimal(str(MAX_SIZE + 1))
