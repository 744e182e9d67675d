"""One request's events on their way through the committer, and how whoever sent them waits."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Sequence
from threading import Lock

from ledger.errors import AppendTimeout
from ledger.selectors.streams import StreamView
from ledger.services.committer.grounds import Grounds
from ledger.services.drafts import Draft
from ledger.services.group import Slot
from ledger.services.idempotency import IdempotencyKey


class Item:
    """What one request appends, all or nothing. Settled once, by one thread; read by the one that waits."""

    __slots__ = (
        "_gate", "actor", "batch", "drafts", "error", "grounds", "idempotency", "promised", "settled", "slots",
        "stream",
    )  # fmt: skip

    def __init__(
        self, stream: StreamView, drafts: Sequence[Draft], batch: uuid.UUID, actor: str,
        idempotency: IdempotencyKey | None = None, grounds: Grounds | None = None,
    ) -> None:  # fmt: skip
        self.stream, self.drafts, self.batch, self.actor = stream, drafts, batch, actor
        self.idempotency, self.grounds = idempotency, grounds
        self.slots: list[Slot] = []
        self.promised: int | None = None
        self.error: BaseException | None = None
        self.settled = False
        self._gate = Lock()
        self._gate.acquire()

    @property
    def key(self) -> tuple[str, str] | None:
        """Namespace and Idempotency-Key, where the request came under one."""
        return None if self.idempotency is None else (self.stream.namespace, self.idempotency.key)

    def newest(self) -> Slot | None:
        """The newest leaf that this request's group made for it; None where all its events were there before."""
        made = [slot for slot in self.slots if slot.leaf is not None]
        return max(made, key=lambda slot: slot.index) if made else None

    def done(self, promised: int | None) -> None:
        """Committed; `promised` is the size that the guard was told, None where the waiting thread has to tell."""
        self.promised, self.settled = promised, True
        self._gate.release()

    def fail(self, error: BaseException) -> None:
        """Not to be answered with receipts; the same error may fail many, so each gets its own."""
        self.error, self.settled = _own(error), True
        self._gate.release()

    def wait(self, seconds: float) -> bool:
        """Wait until it is settled; False when it was not in time. Raises what it was failed with."""
        if not self._gate.acquire(timeout=seconds):
            return False
        if self.error is not None:
            raise self.error
        return True


def too_late(*, kept: bool) -> AppendTimeout:
    """What is said when nobody settled an item in time; `kept` where its group had begun."""
    known = "it may have been kept" if kept else "nothing was kept"
    return AppendTimeout("The event was not committed in time", why=known)


def _own(error: BaseException) -> BaseException:
    try:
        mine = copy.copy(error)
    except Exception:  # noqa: BLE001 - an exception that cannot be copied is still told
        return error
    mine.__cause__ = error
    return mine
