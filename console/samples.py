"""Sample data for the page of components: nothing here is evidence, and no ledger holds it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from console import charts
from console.chain import Seal
from console.forms.signing_in import PasswordForm, TotpForm
from console.job_face import face_of
from console.ladder import Signature, ladder_of
from console.samples_change import change_parts
from console.samples_lists import list_parts
from ledger.core.merkle import inclusion_proof, leaf_hash, reader_of, root
from ledger.selectors.jobs import JobView

if TYPE_CHECKING:
    from datetime import datetime

_INDEX = 21
_LEAVES = 45
_ORIGIN = "example.localhost/log/acme/decisions"
_SIGNED = Signature((f"{_ORIGIN}+1a2b3c4d",))


@dataclass(frozen=True, slots=True)
class _Path:
    path: str
    title: str
    state: str
    sentence: str
    rule: str
    threshold: str = ""
    idle: str = ""
    next: str = ""


def everything(now: datetime) -> dict[str, Any]:
    """The whole context of the page at `now`."""
    leaves = [b'{"index":%d,"kind":"event","v":"countersign/1"}' % index for index in range(_LEAVES)]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    path = inclusion_proof(_INDEX, _LEAVES, reader_of(hashes))
    return {
        "now": now - timedelta(minutes=3, seconds=20),
        "seals": _seals(),
        "broken": _broken(),
        "health": _health(),
        "rows": _rows(now),
        "ladder": ladder_of(leaves[_INDEX], _INDEX, _LEAVES, path, root(hashes), _SIGNED),
        "leaf_text": leaves[_INDEX].decode(),
        "tape": charts.tape([charts.Bar(40 + _spread(n) % 960, f"window {n}", n == 40) for n in range(4, 41)]),
        "jobs": _jobs(now),
        "form": _faulty(),
        "otp": TotpForm(),
        **change_parts(now),
        **list_parts(),
        "note": f"{_ORIGIN}\n45\nMjFkZjI4NzE2MDk4NzE=\n\n— {_ORIGIN} AAAA\n",
    }


def _spread(seed: int) -> int:
    return int.from_bytes(hashlib.sha256(bytes([seed])).digest()[:2], "big")


def _seals() -> tuple[Seal, ...]:
    return (
        Seal("received", "pass", "4,812 leaves", "12 s ago", "#"),
        Seal("windowed", "pass", "window 12", "3 min ago", "#"),
        Seal("checkpointed", "pass", "signed", "3 min ago", "#"),
        Seal("witnessed", "not_evaluated", "not evaluated", "no witness asked"),
        Seal("anchored", "not_evaluated", "not evaluated", "no anchor asked"),
        Seal("bundled", "stale", "stale", "42 d ago", "#"),
    )


def _broken() -> tuple[Seal, ...]:
    return (
        Seal("received", "pass", "4,812 leaves", "12 s ago", "#"),
        Seal("windowed", "stale", "stale", "14 min waiting", "#"),
        Seal("checkpointed", "fail", "root differs", "3 min ago", "#"),
        Seal("witnessed", "pass", "2 of 3", "3 min ago", "#"),
        Seal("anchored", "pass", "anchored", "2 h ago", "#"),
        Seal("bundled", "not_evaluated", "not evaluated", "none exported"),
    )


def _health() -> tuple[_Path, ...]:
    return (
        _Path(
            path="receipt",
            title="Receipt",
            state="pass",
            sentence="32 of 32 receipts derived and verified under key 4f2a9c1d…77e0 just now.",
            rule="Every event leaf can be receipted now, under the key delegated at its index.",
        ),
        _Path(
            path="window",
            title="Window",
            state="stale",
            sentence="The oldest event without a window has waited 4 min 12 s.",
            rule="An event is windowed within twice the window's age.",
            threshold="It is stale after 2 min and fails after 10 min.",
            next="Close the window now, and look whether a worker is running.",
        ),
        _Path(
            path="checkpoint",
            title="Checkpoint",
            state="fail",
            sentence="The root of the newest note differs from the recomputed tree.",
            rule="The newest note verifies, and its root is that of the stored tree.",
            next="Stop relying on it, keep it, and verify the store.",
        ),
        _Path(
            path="witness",
            title="Witness",
            state="not_evaluated",
            sentence="No witness is asked by this stream's policy.",
            rule="As many witnesses as the policy asks have cosigned the newest checkpoint.",
            next="Name witnesses of other organisations in a policy.",
        ),
    )


def _rows(now: datetime) -> list[dict[str, Any]]:
    names = ("acme/decisions", "acme/releases", "northwind/a-stream-with-quite-a-long-name-for-its-row")
    return [
        {
            "href": "#",
            "title": name,
            "seals": seals,
            "size": size,
            "recorded": now,
            "signed_size": size - 3,
            "stopped": "",
        }
        for name, seals, size in zip(names, (_seals(), _broken(), _seals()), (4812, 120, 1204881), strict=True)
    ]


def _jobs(now: datetime) -> list[Any]:
    follows, done = "The worker then verifies the file offline.", "The verdict stands below."
    began = now - timedelta(seconds=4)
    samples = (
        _job(now, state="running", done=3120, rate=812.0, started=began),
        _job(now, state="done", done=4812, rate=790.0, started=began, finished=now),
        _job(
            now,
            state="failed",
            done=120,
            error={"what": "The disk is full.", "next": "Make room, then export again."},
        ),
    )
    return [face_of(job, now, "", follows, done) for job in samples]


def _job(now: datetime, **values: Any) -> JobView:
    usual = {"message": "packing leaves", "unit": "leaves", "total": 4812, "created": now, "started": now}
    rest: dict[str, Any] = {"error": None, "finished": None, "rate": None, "result": None, "params": {}}
    identity = {"id": 0, "public_id": UUID(int=0), "kind": "export", "namespace": "", "actor": ""}
    return JobView(**{**identity, **rest, **usual, **values})


def _faulty() -> PasswordForm:
    return PasswordForm({"email": "not an address", "password": ""})
