"""The signing page as somebody outside gets it: fetched over the network, hashed, and held against what is expected.

Guarantees that nothing the server says about its page is believed: digests are computed from the bytes that came. No
redirect is followed, so that it is the page at this very address.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from console.signing_page import FILE_NAME
from ledger.core.canonical import canonical
from ledger.errors import RequestError

if TYPE_CHECKING:
    from ledger.core.types import JSON, JSONObject

FILES: Final = {"index.html": "", "signer.css": "signer.css", "signer.js": "signer.js"}
MOST_BYTES: Final = 4 * 1024 * 1024
PATIENCE_S: Final = 20.0


class PageUnreachable(RequestError):
    """The page did not come: that is no match."""

    code = "signer_page_unreachable"
    default_next = "Ask from another network; if it stays so, tell a platform operator and sign at the command line."


class PageDiffers(RequestError):
    """The page that came is not the expected one."""

    code = "signer_page_differs"
    default_next = "Nobody should sign on this page. Keep what came, tell the others who sign, and compare releases."


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """An answer elsewhere is another page."""


def fetched(address: str) -> JSONObject:
    """Digests of the page at `address` (its folder, such as https://sign.example.org/sign/); raises PageUnreachable."""
    base = address if address.endswith("/") else f"{address}/"
    if not base.startswith(("https://", "http://")):
        raise PageUnreachable("An address with https:// is expected", why=ascii(address[:120]))
    files: dict[str, JSON] = {name: _digest(f"{base}{path}") for name, path in FILES.items()}
    inner: JSON = files
    return {"bundle": hashlib.sha256(canonical(inner)).hexdigest(), "files": files, "saved": _digest(base + FILE_NAME)}


def check(found: JSONObject, bundle: str, saved: str | None) -> None:
    """Raise PageDiffers unless these are the expected digests (hex)."""
    for name, wanted in (("bundle", bundle), ("saved", saved)):
        if wanted is not None and found[name] != wanted.lower():
            raise PageDiffers("The signing page is not the expected one", why=f"{name} {found[name]}, not {wanted}")


def _digest(url: str) -> str:
    request = Request(url, headers={"User-Agent": "countersign-signer-watch", "Cache-Control": "no-cache"})  # noqa: S310  (checked above)
    try:
        with build_opener(_Stay).open(request, timeout=PATIENCE_S) as answer:
            data = answer.read(MOST_BYTES + 1)
    except (URLError, OSError, ValueError) as error:
        raise PageUnreachable("The signing page cannot be fetched", why=f"{url}: {error}") from error
    if len(data) > MOST_BYTES:
        raise PageUnreachable("The signing page is smaller than this", why=url)
    return hashlib.sha256(data).hexdigest()
