"""Close the open window of a stream now."""

from __future__ import annotations

from django.http import HttpResponse

from console.api import represent
from console.api.call import Call
from console.api.documented import STREAM, UNSAFE, documented
from console.api.operation import Operation, answer
from console.api.problems import GUARD
from console.api.shapes import closed, maybe, ref
from governance.identity.core.roles import Capability
from ledger.selectors import checkpoints, streams
from ledger.services.seal import seal_window


class SealWindow(Operation):
    """The window is closed in this request, or there was nothing to close."""

    @documented(
        "seal_window",
        "Close the open window now",
        answers={
            200: closed(
                {
                    "sealed": {"type": "boolean"},
                    "window": maybe(ref("Window")),
                    "checkpoint": maybe(ref("Checkpoint")),
                }
            )
        },
        parameters=[*STREAM],
        problems=[*UNSAFE, "not_found", "stream_stopped", "key_unusable", "signer_paused", "stream_closed", *GUARD],
    )
    def post(self, call: Call, ns: str, name: str) -> HttpResponse:
        """Seal; the answer names the window and the checkpoint that covers it."""
        call.require(Capability.APPEND, ns)
        stream = streams.stream(ns, name)
        sealed = seal_window(stream.id, reason="request")
        newest = checkpoints.newest(stream)
        return answer(
            {
                "sealed": sealed is not None,
                "window": represent.window(sealed) if sealed is not None else None,
                "checkpoint": represent.checkpoint(newest) if newest is not None else None,
            }
        )
