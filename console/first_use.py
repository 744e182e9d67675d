"""What a program needs to send its first event: the lines to paste, with everything filled in but the secret."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

CLIENT_NAME = "countersign_client.py"
EVENT = '{"type": "note.written", "payload": {"text": "Hello, evidence."}}'
_BEARER = '-H "Authorization: Bearer $COUNTERSIGN_TOKEN"'


@dataclass(frozen=True, slots=True)
class FirstUse:
    """Blocks of a shell and of Python; `export` carries the token, and the others take it from the environment."""

    export: str
    append: str
    read: str
    client: str
    python: str


def first_use(base: str, namespace: str, stream: str, token: str = "", vkey: str = "") -> FirstUse:
    """The lines for a stream; `base` is the site's address without a slash at its end, `vkey` what to pin."""
    name = f"{namespace}/{stream}"
    events = f"{base}/api/v1/streams/{name}/events/"
    return FirstUse(
        export=f"export COUNTERSIGN_TOKEN={token or 'cs_key_...'}",
        append=f"curl -fsS {events} \\\n  {_BEARER} \\\n  -H 'Content-Type: application/json' \\\n  -d '{EVENT}'",
        read=f"curl -fsS {base}/api/v1/streams/{name}/ {_BEARER}",
        client="\n".join(_client(base, name, vkey)),
        python=_python(base, namespace, stream, vkey),
    )


def create_stream_line(base: str, namespace: str) -> str:
    """The call that makes a first stream where there is none."""
    body = f'{{"namespace": "{namespace}", "name": "decisions"}}'
    return f"curl -fsS {base}/api/v1/streams/ {_BEARER} \\\n  -H 'Content-Type: application/json' -d '{body}'"


def _client(base: str, name: str, vkey: str) -> list[str]:
    lines = [f"export COUNTERSIGN_URL={base} COUNTERSIGN_STREAM={name}"]
    lines += ["export COUNTERSIGN_SPOOL=$HOME/.countersign/spool"]
    lines += [f"export COUNTERSIGN_VKEY={shlex.quote(vkey)}"] if vkey else []
    lines += [f"""python3 {CLIENT_NAME} append note.written --payload '{{"text": "Hello, evidence."}}'"""]
    return [*lines, f"python3 {CLIENT_NAME} flush"]


def _python(base: str, namespace: str, stream: str, vkey: str) -> str:
    return (
        "import os\n"
        "from countersign_client import Client\n\n"
        f'ours = Client("{base}", "{namespace}", "{stream}", os.environ["COUNTERSIGN_TOKEN"],\n'
        f'              spool_dir=os.path.expanduser("~/.countersign/spool"),\n'
        f'              vkey="{vkey}")\n'
        'ours.append("note.written", {"text": "Hello, evidence."})\n'
        "ours.flush()\n"
        "ours.close()"
    )
