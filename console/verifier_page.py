"""The verifier for browsers as one saved file: the scripts of `/verify/`, word for word, in one HTML document.

Guarantees the same bytes for the same sources, that the document runs from a disk with the network off, and that it can
reach nothing: its own policy allows its one script by hash, a worker made of that script, and no connection.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string

__all__ = ["FILE_NAME", "NotEmbeddable", "build", "page_bytes"]

FILE_NAME: Final = "countersign-verify.html"
SCRIPTS: Final = "static/js/verify"
STYLES: Final = ("tokens", "base", "frame", "components", "forms", "tables", "evidence", "ladder", "blocks", "verify")
_MAIN, _WORKER = "app.js", "worker.js"
_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[a-z0-9_/]+\.js)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
_LEFT: Final = re.compile(r"^(?:import|export)\b|import\.meta|import\(", re.MULTILINE)

_SCRIPT: Final = """\
// Below stand the modules of the verifier, word for word as they are developed and tested; only their import and export
// lines are turned into calls. The same script is the page's and, in a worker made of its own text, the verifier's.
(() => {
  "use strict";
  const sources = {};
  const made = {};
  const load = (name) => (made[name] ??= sources[name]());
"""
_SCRIPT_END: Final = """
  if (typeof document === "object") {
    globalThis.countersignSource = document.currentScript.textContent;
    document.documentElement.classList.add("js");
    load("app.js");
  } else {
    load("worker.js");
  }
})();
"""
_DOCUMENT: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Verify evidence - Countersign</title>
<style>{style}</style>
</head>
<body>
{body}
<script>{script}</script>
</body>
</html>
"""


class NotEmbeddable(Exception):
    """A module that cannot stand in the single document word for word."""


@cache
def page_bytes() -> bytes:
    """The document; built once in each process, since its sources do not change under it."""
    return build()


def build() -> bytes:
    """The document; its SHA-256 stands on the trust sheet. Raises NotEmbeddable."""
    style = "\n" + "".join(_file(f"static/css/{name}.css") for name in STYLES)
    script = "\n" + _script()
    policy = (
        f"default-src 'none'; script-src '{_pin(script)}' blob:; style-src '{_pin(style)}'; worker-src blob:; "
        "connect-src 'none'; form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; "
        "trusted-types verifier-worker"
    )
    body = render_to_string("verify/saved.html", {"verify_file": FILE_NAME})
    return _DOCUMENT.format(policy=policy, style=style, body=body, script=script).encode()


def _script() -> str:
    sections = [_section(name, text) for name, text in sorted(_modules().items())]
    whole = _SCRIPT + "".join(sections) + _SCRIPT_END
    if "</script" in whole.lower() or "<!--" in whole:
        raise NotEmbeddable("A script holds a sequence that ends a script element")
    return whole


def _modules() -> dict[str, str]:
    """Every module that the page and its worker reach by their imports, by name."""
    found: dict[str, str] = {}
    waiting = [_MAIN, _WORKER]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _file(f"{SCRIPTS}/{name}")
            waiting += [_beside(name, path) for _, path in _IMPORT.findall(found[name])]
    return found


def _beside(name: str, path: str) -> str:
    """The module that `name` imports as `path`: beside the verifier's own it is named by its path from there."""
    return posixpath.relpath(posixpath.join(SCRIPTS, posixpath.dirname(name), path), SCRIPTS)


def _section(name: str, text: str) -> str:
    exported = sorted(set(_EXPORT.findall(text)))
    inner = _EXPORT.sub("", _IMPORT.sub(lambda match: _call(match, name), text))
    if _LEFT.search(inner):
        raise NotEmbeddable(f"{name} imports or exports in a form that is not read here")
    rule = "-" * 100
    told = f"return {{ {', '.join(exported)} }};" if exported else "return {};"
    return f'\n// {rule}\n// {name}\n// {rule}\nsources["{name}"] = () => {{\n{inner}{told}\n}};\n'


def _call(found: re.Match[str], name: str) -> str:
    names = ", ".join(" ".join(found[1].split()).rstrip(",").replace(" as ", ": ").split(", "))
    return f'const {{ {names} }} = load("{_beside(name, found[2])}");\n'


def _pin(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _file(path: str) -> str:
    return (Path(settings.BASE_DIR) / path).read_text(encoding="utf-8")
