"""Tables of the ledger, one file per aggregate. Constraints live here, triggers and rights in the
migrations.
"""

from __future__ import annotations

from ledger.models.acceptance import Acceptance
from ledger.models.bundle import Bundle, BundleOutcome
from ledger.models.checkpoint import Checkpoint
from ledger.models.denial_tally import DenialTally
from ledger.models.event_index import EventIndex
from ledger.models.governed import Governed
from ledger.models.idempotency import Idempotency
from ledger.models.job import Job, JobState
from ledger.models.job_note import JobNote
from ledger.models.key import KeptSecret, KeyAlg, KeyUse, SignerPause, SigningKey
from ledger.models.leaf import Leaf
from ledger.models.leaf_object import INLINE_LIMIT, LeafObject, Role
from ledger.models.logged_head import LoggedHead
from ledger.models.notice import Notice, NoticeRange
from ledger.models.policy_text import PolicyText
from ledger.models.publicity import Publicity
from ledger.models.receipt import Receipt
from ledger.models.restriction import Restriction, RestrictionKind
from ledger.models.source_watch import RefusedAppend, SourceSequence, SourceWatch
from ledger.models.stream import ProfileMode, Stream, StreamHead, WithoutReceipt
from ledger.models.system_fact import SystemFact
from ledger.models.watermark import Watermark
from ledger.models.window import Prepared, Window
from ledger.models.worker_beat import WorkerBeat

__all__ = [
    "INLINE_LIMIT",
    "Acceptance",
    "Bundle",
    "BundleOutcome",
    "Checkpoint",
    "DenialTally",
    "EventIndex",
    "Governed",
    "Idempotency",
    "Job",
    "JobNote",
    "JobState",
    "KeptSecret",
    "KeyAlg",
    "KeyUse",
    "Leaf",
    "LeafObject",
    "LoggedHead",
    "Notice",
    "NoticeRange",
    "PolicyText",
    "Prepared",
    "ProfileMode",
    "Publicity",
    "Receipt",
    "RefusedAppend",
    "Restriction",
    "RestrictionKind",
    "Role",
    "SignerPause",
    "SigningKey",
    "SourceSequence",
    "SourceWatch",
    "Stream",
    "StreamHead",
    "SystemFact",
    "Watermark",
    "Window",
    "WithoutReceipt",
    "WorkerBeat",
]
