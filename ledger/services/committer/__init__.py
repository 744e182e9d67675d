"""Group commit: events of many requests in one transaction, and one word to the head guard for all of them.

Guarantees that a request is answered only after its events were committed and the guard was told, that one
request's fault is never another's, that nobody holds a database connection while waiting, and that a commit whose
outcome is unknown is read again before anything is said. Design: durability (A2, A3), performance (the committer).
"""

from __future__ import annotations

from ledger.services.committer.grounds import Grounds, GroundsChanged
from ledger.services.committer.items import Item
from ledger.services.committer.process import close, keep

__all__ = ["Grounds", "GroundsChanged", "Item", "close", "keep"]
