"""How the health paths of many streams stood when they were last checked on the schedule. One query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from governance.watching.core.rules import PathMark
from governance.watching.models import StreamWatch
from governance.watching.selectors.health_over_time import marks_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A stream's marks by path, and when they were made; None where it was not checked yet."""

    namespace: str
    name: str
    checked: datetime | None
    marks: dict[str, PathMark]


def standing_in(namespaces: Collection[str]) -> list[Standing]:
    """Every stream of these namespaces that the schedule knows."""
    rows = StreamWatch.objects.select_related("stream").filter(stream__namespace__in=namespaces)
    return [Standing(row.stream.namespace, row.stream.name, row.checked, marks_of(row)) for row in rows]
