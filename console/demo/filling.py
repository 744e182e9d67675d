"""Events into streams: the same append and the same seal as everybody's, in batches, with progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from console.demo.founding import SEED
from console.demo.recovery import recovery_key
from console.demo.terminal import Terminal
from ledger.core.event import RawEvent
from ledger.errors import StreamUnknown
from ledger.selectors.streams import StreamView, stream
from ledger.services.append import Appended, append_events
from ledger.services.seal import seal_window
from ledger.services.streams import StreamOptions, create_stream

BATCH = 1_000
WANTED_WINDOWS = 3
LEAST_WINDOW = 500
LARGEST_WINDOW = 4_000


@dataclass(frozen=True)
class Filler:
    """Makes streams and fills them. `entropy` gives salts and keys; recovery keys go to `recovery`."""

    terminal: Terminal
    entropy: Callable[[int], bytes]
    recovery: Path

    def stream(self, namespace: str, name: str, profiles: str = "warn") -> StreamView:
        """The stream, created if it is missing; `profiles` is what happens to events that do not conform."""
        try:
            return stream(namespace, name)
        except StreamUnknown:
            origin = f"{settings.COUNTERSIGN_PUBLIC_NAME}/log/{namespace}/{name}"
            key = recovery_key(self.recovery, origin, self.entropy)
            options = StreamOptions(recovery_key=key, profile_mode=profiles)
            return create_stream(namespace, name, actor=SEED.actor, options=options, entropy=self.entropy)

    def fill(self, target: StreamView, events: Sequence[RawEvent], title: str) -> list[Appended]:
        """Append what is not there yet, closing windows on the way; everything in its place, in order."""
        placed: list[Appended] = []
        with self.terminal.step(title, len(events)) as step:
            for window in pieces(events, window_size(len(events))):
                for batch in pieces(window, BATCH):
                    placed += append_events(target, batch, actor=SEED.actor, entropy=self.entropy).appended
                    step.advance(len(batch))
                seal_window(target.id, reason="request")
        return placed


def window_size(count: int) -> int:
    """So many events a window that a long stream gets several, none of them huge."""
    return min(LARGEST_WINDOW, max(LEAST_WINDOW, -(-count // WANTED_WINDOWS)))


def pieces(events: Sequence[RawEvent], size: int) -> list[Sequence[RawEvent]]:
    """`events` in slices of at most `size`, in order."""
    return [events[at : at + size] for at in range(0, len(events), size)]
