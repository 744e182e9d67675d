"""The command line of the signer."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Final, NoReturn

from governance.sign.errors import ArgumentsWrong
from governance.sign.keyfile import CUSTODIES, OFFLINE, USES

_ABOUT: Final = "Read, show and sign statements of governed changes: no browser, no network, no server."
_EXITS: Final = "exit codes: 0 done, 1 refused (nothing was signed), 64 unusable arguments or files"
_COMMANDS: Final = {
    "key new": (
        "make a key and write it encrypted; only its public half is shown",
        "countersign-sign key new --person 7b0c...e1 --origin log.example/log/_governance/changes --out me.key.json",
    ),
    "key show": ("show whose key a file holds, without opening it", "countersign-sign key show me.key.json"),
    "render": ("show a statement as it would be signed, with its short code", "countersign-sign render statement.json"),
    "sign": (
        "show one statement, ask, and sign it",
        "countersign-sign sign statement.json --key me.key.json --out envelope.json",
    ),
    "verify": (
        "check an envelope: its statement, its key, its signature",
        "countersign-sign verify envelope.json --key me.key.json --statement statement.json",
    ),
}


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ArgumentsWrong("The command line is not understood", why=message)


def parser_of() -> ArgumentParser:
    """The parser; `command` is `key new`, `key show`, `render`, `sign` or `verify`."""
    parser = _Parser(prog="countersign-sign", description=_ABOUT, epilog=_EXITS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    keys = commands.add_parser("key", help="make or show a key", description="Make or show a key.")
    of_keys = keys.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    for name, (words, example) in _COMMANDS.items():
        place = of_keys if name.startswith("key ") else commands
        one = place.add_parser(
            name.removeprefix("key "), help=words, description=f"{words[:1].upper()}{words[1:]}.",
            epilog=f"example:\n  {example}\n{_EXITS}", formatter_class=RawDescriptionHelpFormatter,
        )  # fmt: skip
        one.set_defaults(command=name)
        _ARGUMENTS[name](one)
        one.add_argument("--json", action="store_true", help="print the result as one JSON object")
    return parser


def _key_new(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--person", required=True, metavar="ID", help="your immutable id, as your account page shows it"
    )
    parser.add_argument("--origin", required=True, metavar="ORIGIN", help="origin of the log of decisions")
    parser.add_argument("--out", required=True, metavar="FILE", help="where the encrypted key is written")
    parser.add_argument("--use", choices=USES, default="decision", help="what it signs (default: decision)")
    parser.add_argument(
        "--custody", choices=CUSTODIES, default=OFFLINE,
        help="where it is kept, as you declare it (default: offline, which the signing page refuses)",
    )  # fmt: skip
    _passphrase(parser)


def _key_show(parser: ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="an encrypted key file")


def _render(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a statement, as the page of the change or the API gives it")
    parser.add_argument("--policy", metavar="FILE", help="the policy's text: its digest and rule are compared")


def _sign(parser: ArgumentParser) -> None:
    _render(parser)
    parser.add_argument("--key", required=True, metavar="KEY", help="your encrypted key file")
    parser.add_argument("--native-key", metavar="KEY", help="your native key file, where the change lists artefacts")
    parser.add_argument("--native-passphrase-file", metavar="FILE", help="its passphrase, if it is another one")
    parser.add_argument("--out", required=True, metavar="ENVELOPE", help="where the signed envelope is written")
    parser.add_argument("--code", metavar="WORDS", help="the six words, where no terminal can ask for them")
    _passphrase(parser)


def _verify(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="ENVELOPE", help="a signed envelope")
    parser.add_argument("--statement", metavar="FILE", help="the statement that it must hold, byte for byte")
    key = parser.add_mutually_exclusive_group(required=True)
    key.add_argument("--key", metavar="KEY", help="the key file of the signer (its public half is read)")
    key.add_argument("--public", metavar="BASE64", help="the signer's public key")
    native = parser.add_mutually_exclusive_group()
    native.add_argument(
        "--native-key", metavar="KEY", help="their native key file, where the file holds its signatures"
    )
    native.add_argument("--native-public", metavar="BASE64", help="their native public key")


def _passphrase(parser: ArgumentParser) -> None:
    parser.add_argument("--passphrase-file", metavar="FILE", help="first line of this file; else the terminal asks")


_ARGUMENTS: Final = {
    "key new": _key_new, "key show": _key_show, "render": _render, "sign": _sign, "verify": _verify,
}  # fmt: skip
