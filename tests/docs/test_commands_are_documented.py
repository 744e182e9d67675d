"""Every command and every make target has its place in docs/commands.md, and every place its command."""

from __future__ import annotations

import re

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from tests.docs.documents import ROOT, first_column, headings, text_of

_OURS = ("ledger", "governance", "console")


def _commands() -> dict[str, str]:
    return {name: str(app) for name, app in get_commands().items() if str(app).split(".")[0] in _OURS}


def _targets() -> set[str]:
    lines = (ROOT / "Makefile").read_text().splitlines()
    phony = " ".join(line.partition(":")[2] for line in lines if line.startswith(".PHONY:"))
    return {target for target in phony.split() if not target.startswith("_")}


def test_every_command_has_a_section() -> None:
    assert sorted(set(_commands()) - headings("commands.md")) == []


def test_no_section_is_about_a_command_that_is_gone() -> None:
    assert sorted(headings("commands.md") - set(_commands())) == []


def test_every_options_name_stands_in_its_section() -> None:
    missing = [
        f"{name} {option}"
        for name, app in sorted(_commands().items())
        for option in _own_options(app, name)
        if option not in _section(name)
    ]
    assert missing == []


def test_every_make_target_is_documented_and_exists() -> None:
    told = {name.removeprefix("make ") for name in first_column("commands.md") if name.startswith("make ")}
    assert told == _targets()
    assert {"demo", "test", "check", "bench"} <= _targets()


def _own_options(app: str, name: str) -> list[str]:
    command = load_command_class(app, name)
    parent = next(base for base in type(command).__mro__ if base.__module__.startswith("django."))
    inherited = set(_options(parent()))
    return [option for option in _options(command) if option not in inherited]


def _options(command: BaseCommand) -> list[str]:
    actions = command.create_parser("manage.py", "any")._actions
    return [option for action in actions for option in action.option_strings if option.startswith("--")]


def _section(name: str) -> str:
    found = re.search(rf"^#+ `{name}`$(.*?)(?=^#|\Z)", text_of("commands.md"), re.MULTILINE | re.DOTALL)
    return found[1] if found else ""
