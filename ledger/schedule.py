"""The schedule: which task runs how often. Correctness never depends on it: every run looks what is due."""

from __future__ import annotations

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "seal-due": {"task": "ledger.tasks.seal_due", "schedule": 1.0, "options": {"expires": 5}},
    "log-heads": {"task": "ledger.tasks.log_heads", "schedule": 1.0, "options": {"expires": 5}},
    "sweep-jobs": {"task": "ledger.tasks.sweep_jobs", "schedule": 10.0, "options": {"expires": 10}},
    "sweep-refusals": {"task": "ledger.tasks.sweep_refusals", "schedule": 30.0, "options": {"expires": 30}},
    "index-system": {"task": "ledger.tasks.index_system", "schedule": 5.0, "options": {"expires": 5}},
    "flush-denials": {"task": "ledger.tasks.flush_denials", "schedule": 30.0, "options": {"expires": 30}},
    "flush-spool": {"task": "ledger.tasks.flush_spool", "schedule": 10.0, "options": {"expires": 10}},
    "finish-erasures": {"task": "ledger.tasks.finish_erasures", "schedule": 60.0, "options": {"expires": 60}},
    "request-retention": {"task": "ledger.tasks.request_retention", "schedule": 3600.0, "options": {"expires": 600}},
    "look-for-gaps": {"task": "ledger.tasks.look_for_gaps", "schedule": 60.0, "options": {"expires": 60}},
    "tidy": {"task": "ledger.tasks.tidy", "schedule": 3600.0, "options": {"expires": 600}},
}
"""For `app.conf.beat_schedule`: seconds between two runs, and after how many a late message is dropped."""
