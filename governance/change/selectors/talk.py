"""What was said beside the signatures over one change: comments, holds, asks. They come with its row, in its query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from governance.change.core.states import State
from governance.change.models import Ask, Change, Comment, Hold


@dataclass(frozen=True, slots=True)
class CommentView:
    """A remark."""

    by: str
    revision: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HoldView:
    """Who stopped it, why, and who let it go."""

    by: str
    reason: str
    at: datetime
    released_by: str | None
    released: datetime | None


@dataclass(frozen=True, slots=True)
class AskView:
    """Who was asked by whom to sign which revision; `answered` where they said something since."""

    person: str
    group: str
    by: str
    revision: int
    at: datetime
    answered: datetime | None
    escalated: datetime | None


def with_talk(rows: QuerySet[Change]) -> QuerySet[Any]:
    """The rows with what `comments`, `holds`, `asks` and `undone_by` read."""
    back = Change.objects.filter(reverts=OuterRef("public_id"), state=State.APPLIED.value).order_by("id")
    return rows.annotate(
        told_comments=_told(Comment.objects.all(), "by", "revision", "text", "at"),
        told_holds=_told(Hold.objects.all(), "by", "reason", "at", "released_by", "released"),
        told_asks=_told(Ask.objects.all(), "person", "group", "by", "revision", "at", "answered", "escalated"),
        back=Subquery(back.values("public_id")[:1]),
    )


def comments(row: Any) -> tuple[CommentView, ...]:
    """The oldest first."""
    return tuple(CommentView(**{**one, "at": _moment(one["at"])}) for one in row.told_comments)


def holds(row: Any) -> tuple[HoldView, ...]:
    """The oldest first."""
    return tuple(
        HoldView(**{**one, "at": _moment(one["at"]), "released": _maybe(one["released"])}) for one in row.told_holds
    )


def asks(row: Any) -> tuple[AskView, ...]:
    """The oldest first."""
    return tuple(
        AskView(
            **{
                **one, "at": _moment(one["at"]), "answered": _maybe(one["answered"]),
                "escalated": _maybe(one["escalated"]),
            }
        )
        for one in row.told_asks
    )  # fmt: skip


def undone_by(row: Any) -> str | None:
    """The change that took this one back, if any."""
    return None if row.back is None else str(row.back)


def _told(rows: QuerySet[Any], *columns: str) -> ArraySubquery:
    rows = rows.filter(change=OuterRef("pk")).order_by("pk")
    return ArraySubquery(rows.values(one=JSONObject(**{name: name for name in columns})))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
