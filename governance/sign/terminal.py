"""Passphrases and short codes: from the terminal, never from an argument that other users of the machine can read."""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path
from typing import Final

from governance.sign.errors import ArgumentsWrong, CodeDiffers, FileUnusable, PassphraseWeak

SHORTEST: Final = 12
MOST_BYTES: Final = 1_024


def passphrase(file: str | None) -> str:
    """The passphrase of an existing key: the first line of `file`, else typed."""
    return _line_of(file) if file else _typed("Passphrase: ")


def new_passphrase(file: str | None) -> str:
    """A passphrase for a new key, typed twice; raises PassphraseWeak or CodeDiffers."""
    first = passphrase(file)
    if len(first) < SHORTEST:
        raise PassphraseWeak("The passphrase is too short", why=f"{len(first)} characters")
    if file is None and _typed("The same again: ") != first:
        raise PassphraseWeak("The two passphrases differ", next_step="Start again; nothing was written.")
    return first


def check_code(code: str, given: str | None, question: str) -> None:
    """Compare the six words typed (or given) with the code of the bytes; raises CodeDiffers."""
    words = given if given is not None else _answer(question)
    if " ".join(words.lower().split()) != code:
        raise CodeDiffers("The words are not the short code of this statement", why="nothing was signed")


def _typed(question: str) -> str:
    if not sys.stdin.isatty():
        raise ArgumentsWrong("No terminal to ask for a passphrase", next_step="Give --passphrase-file FILE.")
    return getpass(question)


def _answer(question: str) -> str:
    if not sys.stdin.isatty():
        raise ArgumentsWrong("No terminal to ask for the short code", next_step='Give --code "six words".')
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()


def _line_of(file: str) -> str:
    try:
        data = Path(file).read_bytes()[: MOST_BYTES + 1]
        return data.split(b"\n", 1)[0].decode()
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnusable("The passphrase cannot be read", why=str(error), path=file) from error


def show(text: str) -> None:
    """To the terminal, apart from the result, which may be read by a program."""
    sys.stderr.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stderr.flush()
