"""Views of the ledger as JSON: the same fields as the shapes of the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from console.api.encoding import b64, moment
from console.api.links import event_links, stream_links
from ledger.core.bundle import Period
from ledger.selectors.bundles import BundleView
from ledger.selectors.checkpoints import CheckpointView, WindowView
from ledger.selectors.health import PathHealth
from ledger.selectors.jobs import JobView
from ledger.selectors.leaves import EventRow, EventView, LeafView, ObjectView
from ledger.selectors.streams import StreamView

Json = dict[str, Any]


def stream_row(stream: StreamView) -> Json:
    """A stream as lists show it."""
    return {
        "namespace": stream.namespace,
        "name": stream.name,
        "id": str(stream.public_id),
        "origin": stream.origin,
        "log": stream.log.hex(),
        "created": moment(stream.created),
        "size": stream.size,
        "head": stream.head_hash.hex(),
        "recorded": moment(stream.recorded),
        "signed_size": stream.signed_size,
        "stopped": stream.stopped,
        "successor": stream.successor,
        "links": stream_links(stream.namespace, stream.name),
    }


def checkpoint(row: CheckpointView) -> Json:
    """A signed checkpoint, with its note verbatim."""
    return {
        "size": row.size,
        "root": row.root.hex(),
        "window": row.window,
        "signed": moment(row.signed_at),
        "note": row.note.decode(),
    }


def window(row: WindowView) -> Json:
    """A closed window."""
    return {
        "number": row.number,
        "from": row.start,
        "to": row.end,
        "count": row.count,
        "root": row.root.hex(),
        "opened": moment(row.opened),
        "closed": moment(row.closed),
        "reason": row.reason,
        "manifest": row.manifest_index,
    }


def health(path: PathHealth) -> Json:
    """One of the five health paths."""
    return {
        "path": path.path,
        "state": path.state,
        "rule": path.row.rule,
        "idle": path.row.idle,
        "sentence": path.sentence,
        "age_seconds": path.age,
        "next": path.next,
    }


def event_row(namespace: str, name: str, row: EventRow) -> Json:
    """An event as lists show it: from the search columns, which prove nothing."""
    return {
        "index": row.index,
        "type": row.type,
        "source": row.source,
        "id": row.event_id,
        "subject": row.subject,
        "time": moment(row.claimed_time),
        "recorded": moment(row.recorded),
        "links": event_links(namespace, name, row.index),
    }


def leaf(namespace: str, name: str, view: LeafView) -> Json:
    """A leaf: its bytes, and their fields for reading."""
    return {
        "index": view.index,
        "kind": view.kind,
        "recorded": view.recorded,
        "leaf": b64(view.bytes),
        "leaf_hash": view.hash.hex(),
        "envelope": view.envelope,
        "links": event_links(namespace, name, view.index),
    }


def event(namespace: str, name: str, view: EventView) -> Json:
    """An event leaf with what opens its commitments, as far as that is still there."""
    shown = leaf(namespace, name, view.leaf)
    attrs, payload = view.attrs_object, view.payload_object
    if payload is not None:
        shown["links"]["payload"] = reverse("api:payload", args=[namespace, name, view.index])
    return {
        **shown,
        "erased": view.erased,
        "attrs": {**_object(attrs), "bytes": b64(attrs.data), "value": view.attrs} if attrs is not None else None,
        "payload": _object(payload) if payload is not None else None,
    }


def _object(view: ObjectView) -> Json:
    return {"media_type": view.media_type, "size": view.size, "salt": b64(view.salt)}


def job(view: JobView) -> Json:
    """How far a job has come."""
    return {
        "id": str(view.public_id),
        "kind": view.kind,
        "state": view.state,
        "done": view.done,
        "total": view.total,
        "unit": view.unit,
        "rate": view.rate,
        "message": view.message,
        "created": moment(view.created),
        "started": moment(view.started),
        "finished": moment(view.finished),
        "result": view.result,
        "error": view.error,
        "links": {"job": reverse("api:job", args=[view.public_id])},
    }


def _period(asked: Period) -> Json:
    return {"recorded_from": asked.start, "recorded_to": asked.end}


def bundle(view: BundleView, running: JobView) -> Json:
    """A bundle and its job."""
    links = {"bundle": reverse("api:bundle", args=[view.public_id])}
    if view.file:
        links["download"] = reverse("api:bundle-download", args=[view.public_id])
    return {
        "id": str(view.public_id),
        "namespace": view.namespace,
        "stream": view.stream,
        "from": view.first,
        "to": view.last,
        "head_size": view.head_size,
        "created": moment(view.created),
        "finished": moment(view.finished),
        "bundle_id": view.bundle_id or None,
        "sha256": view.file_sha256 or None,
        "bytes": view.file_size,
        "outcome": view.outcome,
        "period": None if view.period is None else _period(view.period),
        "job": job(running),
        "links": links,
    }
