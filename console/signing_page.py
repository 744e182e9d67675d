"""The signing page and its saved form: one script, one style sheet, one document, the same bytes for the same sources.

Guarantees that nothing a person wrote stands in it; that page and saved file run one script, word for word the modules
of static/js/sign and of what they import; and that each is named by its SHA-256, for the trust sheet and for monitors.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from console.signing_host import own_origin
from console.verifier_page import NotEmbeddable
from ledger.core.canonical import canonical
from ledger.core.types import JSON, JSONObject

FILE_NAME: Final = "countersign-sign.html"
VERSION: Final = "countersign-signer/1"
STYLES: Final = ("tokens", "base", "components", "change", "sign")
_MAIN: Final = "sign/app.js"
_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[a-z0-9_/]+\.js)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
_LEFT: Final = re.compile(r"^(?:import|export)\b|import\.meta|import\(", re.MULTILINE)
_HEAD: Final = """\
// Below stand the modules of the signer, word for word as they are developed and tested; only their import and export
// lines are turned into calls. The page and the saved file run this same script.
(() => {
  "use strict";
  const sources = {};
  const made = {};
  const load = (name) => (made[name] ??= sources[name]());
"""
_END: Final = f"""
  load("{_MAIN}");
}})();
"""


@cache
def script() -> bytes:
    """The one script. Raises NotEmbeddable."""
    sections = "".join(_section(name, text) for name, text in sorted(_modules().items()))
    whole = f"\n{_HEAD}{sections}{_END}"
    if "</script" in whole.lower() or "<!--" in whole:
        raise NotEmbeddable("A script holds a sequence that ends a script element")
    return whole.encode()


@cache
def style() -> bytes:
    """The one style sheet."""
    return ("\n" + "".join(_file(f"static/css/{name}.css") for name in STYLES)).encode()


@cache
def document() -> bytes:
    """The page as it is served; it names the portal where that has another origin."""
    context = {
        "mode": "page", "portal": _portal(),
        "script_integrity": integrity(script()), "style_integrity": integrity(style()),
    }  # fmt: skip
    return render_to_string("sign/page.html", context).encode()


@cache
def saved() -> bytes:
    """The whole as one file for a disk with the network off: it keeps no key."""
    policy = (
        f"default-src 'none'; script-src '{_pin(script())}'; style-src '{_pin(style())}'; connect-src 'none'; "
        "form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    context = {"mode": "offline", "policy": policy, "script": script().decode(), "style": style().decode()}
    return render_to_string("sign/saved.html", context).encode()


def digests() -> JSONObject:
    """SHA-256 of each file, of all files of the page together (`bundle`), and of the saved file, in hexadecimal."""
    files: JSONObject = {
        "index.html": _hex(document()), "signer.css": _hex(style()), "signer.js": _hex(script()),
    }  # fmt: skip
    inner: JSON = files
    return {"v": VERSION, "bundle": _hex(canonical(inner)), "files": files, "saved": _hex(saved())}


def _portal() -> str:
    """The portal's origin, where it is another than the page's own."""
    site = urlsplit(settings.COUNTERSIGN_SITE_URL)
    return f"{site.scheme}://{site.netloc}" if own_origin() else ""


def integrity(data: bytes) -> str:
    """The value of an `integrity` attribute."""
    return f"sha384-{base64.b64encode(hashlib.sha384(data).digest()).decode()}"


def _modules() -> dict[str, str]:
    """Every module that the page reaches by its imports, by its path below static/js."""
    found: dict[str, str] = {}
    waiting = [_MAIN]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _file(f"static/js/{name}")
            waiting += [_beside(name, path) for _, path in _IMPORT.findall(found[name])]
    return found


def _section(name: str, text: str) -> str:
    def call(match: re.Match[str]) -> str:
        names = ", ".join(" ".join(match[1].split()).rstrip(",").replace(" as ", ": ").split(", "))
        return f'const {{ {names} }} = load("{_beside(name, match[2])}");\n'

    exported = sorted(set(_EXPORT.findall(text)))
    inner = _EXPORT.sub("", _IMPORT.sub(call, text))
    if _LEFT.search(inner):
        raise NotEmbeddable(f"{name} imports or exports in a form that is not read here")
    told = f"return {{ {', '.join(exported)} }};" if exported else "return {};"
    return f'\n// {name}\nsources["{name}"] = () => {{\n{inner}{told}\n}};\n'


def _beside(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _pin(data: bytes) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(data).digest()).decode()}"


def _hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _file(path: str) -> str:
    return (Path(settings.BASE_DIR) / path).read_text(encoding="utf-8")


def client() -> JSONObject:
    """What a statement says of its signer where the page that this server ships is meant: its kind and its digest."""
    return {"kind": "browser", "bundle": digests()["bundle"]}


def address() -> str:
    """Where the signing page is: beside the portal's own pages unless it has an origin of its own."""
    return f"{settings.COUNTERSIGN_SIGN_ORIGIN if own_origin() else ''}{reverse('sign')}"
