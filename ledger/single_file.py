"""The verifier as one file: every module it needs, verbatim, behind a small importer.

Guarantees the same bytes for the same sources, text that a person can read from top to bottom, and no
module of Django or of the server inside: what is not reachable from `ledger.verify`, or from the judge of decisions
that it asks for by name, is not there.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

from ledger.verify import JUDGE

PACKAGE: Final = Path(__file__).resolve().parent
ENTRY: Final = "ledger.verify"
OURS: Final = frozenset({"ledger", "governance"})
FILE_NAME: Final = "countersign-verify.py"
_QUOTES: Final = "'''"

_HEAD: Final = '''\
#!/usr/bin/env python3
"""countersign-verify: verifies evidence of a Countersign log offline. One file, no packages, no network.

python3 countersign-verify.py bundle FILE --policy trust.policy python3 countersign-verify.py --help

Needs Python 3.11 or later. Compare the SHA-256 of this file (`--version` prints it) with your trust sheet
before you rely on it. Below stand the modules of the verifier, word for word as they are developed and
tested, and at the end the few lines that import them from here. Licence: Apache-2.0.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("countersign-verify needs Python 3.11 or later")

SOURCES = {}
'''
_TAIL: Final = """

# ----------------------------------------------------------------------------------------------------------
# The importer: names above are found here and nowhere else, whatever is installed or lies in this folder.
# ----------------------------------------------------------------------------------------------------------
import importlib.abc
import importlib.machinery
import linecache


class _Embedded(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name not in SOURCES:
            return None
        is_package = any(other.startswith(name + ".") for other in SOURCES)
        return importlib.machinery.ModuleSpec(name, self, origin=_place(name), is_package=is_package)

    def exec_module(self, module):
        name = module.__spec__.name
        text = SOURCES[name]
        linecache.cache[_place(name)] = (len(text), None, text.splitlines(True), _place(name))
        exec(compile(text, _place(name), "exec", dont_inherit=True), module.__dict__)

    def get_source(self, name):
        return SOURCES[name]


def _place(name):
    return f"<{name} in countersign-verify>"


def _own_file():
    path = globals().get("__file__")
    return path if isinstance(path, str) else None


if __name__ == "__main__":
    sys.meta_path.insert(0, _Embedded())
    from ledger.verify import main

    sys.exit(main(own_file=_own_file()))
"""


class NotEmbeddable(Exception):
    """A module that cannot stand in the single file word for word."""


def build() -> bytes:
    """The single file; its SHA-256 stands on the trust sheet. Raises NotEmbeddable."""
    sections = [_section(name, text) for name, text in sorted(sources().items())]
    return (_HEAD + "".join(sections) + _TAIL).encode()


def sources() -> dict[str, str]:
    """Every module that `ledger.verify` and its judge reach by their imports inside our packages, by name."""
    found: dict[str, str] = {}
    waiting = [ENTRY, JUDGE]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        text = _file_of(name).read_text(encoding="utf-8")
        found[name] = text
        waiting += [parent for parent in _parents(name) if parent not in found]
        waiting += [one for one in _imports(text) if one not in found]
    return found


def _section(name: str, text: str) -> str:
    if _QUOTES in text or text.endswith("'") or "\r" in text:
        raise NotEmbeddable(f"{name} holds three single quotes or a carriage return")
    rule = "-" * 106
    return f"\n\n# {rule}\n# {name}\n# {rule}\nSOURCES[{name!r}] = r{_QUOTES}{text}{_QUOTES}\n"


def _file_of(name: str) -> Path:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _exists(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in OURS and _file_of(name).is_file()


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _imports(text: str) -> list[str]:
    """Modules of our packages that a source imports, at any depth; names that are no modules are left out."""
    names: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if _exists(name)]
