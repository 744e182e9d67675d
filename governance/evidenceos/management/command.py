"""What the commands of EvidenceOS share: JSON on standard output, whatever they are asked."""

from __future__ import annotations

import json
from typing import Any

from governance.identity.management.command import IdentityCommand


class EvidenceOSCommand(IdentityCommand):
    """A command whose answer is JSON, indented for people without `--json`."""

    def words(self, told: dict[str, Any]) -> str:
        """The same JSON, over several lines."""
        return json.dumps(told, indent=2, ensure_ascii=False)
