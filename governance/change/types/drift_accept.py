"""`drift.accept`: what somebody else wrote into a data directory counts from here on, and what was decided instead is
given up.

Guarantees that each file is named by the SHA-256 that is accepted, so that nothing else is; and that a decision which
was not written ends by another decision alone, because the base of the next change is the result of the one before
(governance reference, I5), whichever door is used (I22).
"""

from __future__ import annotations

import re
from typing import Final, cast

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying, Finding
from governance.change.types.checks import uuid_text
from governance.change.types.targets import SLUG, OfTarget, finding, target_of
from governance.evidenceos.actions.accept import ACCEPTED, accept_drift
from governance.evidenceos.actions.give_up import give_up_within
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.preflight import Check
from governance.evidenceos.core.watched import is_watched
from governance.evidenceos.files.snapshot import Snapshot, fresh, taken
from governance.evidenceos.models import Effective, Target
from governance.evidenceos.selectors.drift import digests, expected, waiting
from ledger.core.fields import Schema, closed, list_of, nullable
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema

MOST_FILES: Final = 64
_DIGEST: Final = re.compile(r"[0-9a-f]{64}|", re.ASCII)


def _path(value: JSON) -> None:
    if not isinstance(value, str) or not is_watched(value) or len(value) > 500:
        raise LeafSchema("A file that is governed is expected", why=repr(value)[:80])


def _digest(value: JSON) -> None:
    if not isinstance(value, str) or _DIGEST.fullmatch(value) is None:
        raise LeafSchema("A SHA-256 in hexadecimal digits is expected, or nothing", why=repr(value)[:80])


class DriftAccept(OfTarget):
    """`files` are paths with the SHA-256 that is there ('' where it is gone), `gives_up` the change that waits."""

    name = ACCEPTED
    words = "Accept what somebody else wrote"
    effective = Effective.IMMEDIATE
    schema: Schema = {
        "target": SLUG, "files": list_of(closed({"path": _path, "sha256": _digest}), most=MOST_FILES),
        "gives_up": nullable(uuid_text),
    }  # fmt: skip

    def document(self, body: JSONObject) -> str:
        """One document per target."""
        return "expected"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """What is expected of these files, and the change that is decided and not written."""
        one = target_of(body)
        if lock:
            Target.objects.select_for_update().get(pk=one.id)
        known = expected(one.id)
        files: JSONObject = {path: known.get(path, "") for path in sorted(_files(body))}
        return {"files": files, "waits": waiting(one.id)}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """What is there; raises EffectRefused where nothing differs, and for another change than the one that waits."""
        if base["waits"] != body["gives_up"]:
            raise EffectRefused(
                "Something else waits to be written", why=f"{base['waits'] or 'nothing'}", path="$.gives_up",
                next_step="Name the change that waits: it is given up. Where it can be written, let that be done.",
            )  # fmt: skip
        files: JSONObject = {**_files(body)}
        if len(files) != len(cast("list[JSON]", body["files"])):
            raise EffectRefused("A file stands twice", path="$.files")
        result: JSONObject = {"files": files, "waits": None}
        if result == base:
            raise EffectRefused("Nothing of this differs from what is expected", path="$.files")
        return result

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It takes somebody's word for what nobody decided."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What was expected, what does not verify of what is accepted, and what is given up."""
        found = {row.path: row for row in taken(target_of(body).path, now=None).directory.files}
        told = [f"What was decided by change {body['gives_up']} is given up unwritten."] if body["gives_up"] else []
        for path, digest in sorted(_files(body).items()):
            codes = ", ".join(sorted({one.code for one in found[path].faults})) if path in found else ""
            what = f"{digest[:12]} is accepted" if digest else "its absence is accepted"
            told.append(f"{path}: {what}, which nobody decided here{f' ({codes})' if codes else ''}.")
        return told

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """Each file is on the disk as it is named."""
        there = digests(found)
        faults = [
            Fault("drift_differs", path, f"it is {there.get(path, '')[:12] or 'gone or unread'}, not {digest[:12]}")
            for path, digest in sorted(_files(body).items())
            if there.get(path, "") != digest or (path in there and not digest)
        ]
        return [Check("files", tuple(faults))]

    def all_checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """Its own alone: no line is added to the log of events."""
        return self.checks(found, body)

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """The checks; nothing is written, so that nothing has to be reloaded."""
        return [finding(one) for one in self.all_checks(fresh(target_of(body).path, now=None), body)]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """What waits is given up first: its files count as foreign where they were written already."""
        if body["gives_up"] is not None:
            reason = f"By the decision {context.decision}."
            give_up_within(str(body["gives_up"]), reason, by=context.by, at=context.at, decision=context.decision)
        accept_drift(target_of(body), _files(body), by=context.by, at=context.at, decision=context.decision)


def _files(body: JSONObject) -> dict[str, str]:
    return {str(one["path"]): str(one["sha256"]) for one in cast("list[JSONObject]", body["files"])}
