"""WSGI calls below Django's test client, for requests whose headers lie about their body."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from console.wsgi import application


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Counted(io.BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Count, then read."""
        part = super().read(size)
        self.taken += len(part)
        return part


def call(path: str, body: io.BytesIO, content_type: str = "application/json", **environ: str) -> Answer:
    """POST `body` with exactly these headers."""
    caught: dict[str, Any] = {}
    base: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.errors": io.StringIO(),
        "wsgi.input": body,
        "CONTENT_TYPE": content_type,
        **environ,
    }

    def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        caught.update(status=int(status.split(maxsplit=1)[0]), headers=dict(headers))
        return lambda _data: None

    chunks = application(base, start)
    content = b"".join(chunks)
    return Answer(caught["status"], caught["headers"], content)
