"""What every form of a change has: its fields become a closed body; the reason stands beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from django import forms

from console.tenants_memo import tenants_now
from governance.change.selectors.incidents import incidents_in
from governance.evidenceos.selectors.targets import all_targets
from governance.identity.selectors.directory import invited_by
from governance.identity.selectors.groups import groups
from governance.identity.selectors.people import people
from ledger.selectors.streams import origins_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from governance.change.selectors.changes import Scope
    from governance.change.selectors.last_moment import IncidentView
    from governance.evidenceos.selectors.targets import TargetView
    from governance.identity.selectors.people import PersonView
    from governance.identity.selectors.tenants import TenantView
    from ledger.core.types import JSONObject
    from ledger.errors import RequestError

MOST_REASON = 4_000
Choice = tuple[str, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who fills a form in, as far as it may tell them what there is: all of it, or what concerns their tenants."""

    scope: Scope
    namespaces: frozenset[str]
    now: datetime
    actor: str = ""
    _read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def tenants(self) -> list[Choice]:
        """The tenants that exist for them."""
        return [(str(one.public_id), f"{one.name} ({one.state})") for one in tenants_now() if self._is_theirs(one)]

    def people(self) -> list[PersonView]:
        """The people whom they may name, by name: for a tenant, those who hold nothing elsewhere."""
        invited = frozenset() if self.scope.everything else invited_by(self.actor)
        mine = (one for one in people(self.now) if one.live and self._knows(one, invited))
        return sorted(mine, key=lambda one: one.name)

    def groups(self) -> list[Choice]:
        """The approver groups at home in their tenants."""
        mine = (one for one in groups() if self.scope.everything or str(one.tenant) in self.scope.tenants)
        return [(one.id, f"{one.words} ({one.id})") for one in mine]

    def origins(self) -> list[Choice]:
        """The logs that exist for them."""
        return [(one, one) for one in origins_in(None if self.scope.everything else self.namespaces)]

    def targets(self) -> list[TargetView]:
        """The data directories that exist for them, by name."""
        return self._once("targets", self._targets)

    def incidents(self) -> list[IncidentView]:
        """The open incidents that exist for them, the newest first."""
        return self._once("incidents", lambda: incidents_in(self.scope, is_open=True))

    def _once(self, name: str, read: Callable[[], list[T]]) -> list[T]:
        """What was read for one form is there for the next one of the same visit."""
        if name not in self._read:
            self._read[name] = read()
        found: list[T] = self._read[name]
        return found

    def _targets(self) -> list[TargetView]:
        return [one for one in all_targets() if self.scope.everything or one.tenant in self.scope.tenants]

    def _is_theirs(self, tenant: TenantView) -> bool:
        return self.scope.everything or str(tenant.public_id) in self.scope.tenants

    def _knows(self, person: PersonView, invited: frozenset[UUID]) -> bool:
        if self.scope.everything:
            return True
        homes = {str(place) for _, place in person.roles}
        return homes <= self.scope.tenants and bool(homes or person.public_id in invited)


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why a form has nothing to offer, and where the next step is done."""

    what: str
    why: str
    href: str
    next: str


class ChangeForm(forms.Form):
    """`kind` is the name of the type, `group` the heading under which it is offered, `hint` what it is for.

    Fields bear the names of the body's; those that take a choice from rows are filled by `offer`. `places` names the
    field beside which a problem of a part of the body is told, where it has another name. `nothing` says why there is
    nothing to choose from, `problem` why it could not be read, `ways` (words, address) what helps on the way.
    """

    kind: ClassVar[str]
    group: ClassVar[str]
    hint: ClassVar[str]
    places: ClassVar[Mapping[str, str]] = {}

    nothing: Nothing | None = None
    problem: RequestError | None = None
    ways: tuple[Choice, ...] = ()
    read: tuple[TargetView, ...] = ()
    """The data directories that were read for it."""

    def __init__(self, *args: Any, reader: Reader, **kwargs: Any) -> None:
        """Keep who reads it."""
        super().__init__(*args, **kwargs)
        self.reader = reader
        self.fill()

    def fill(self) -> None:
        """Offer what there is."""

    @property
    def body(self) -> JSONObject:
        """The body that a valid form describes: its fields, empty ones as null."""
        return {name: None if value == "" else value for name, value in self.cleaned_data.items()}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """The form's values for a body, for an edit."""
        return dict(body)

    @classmethod
    def asked(cls, given: Mapping[str, str]) -> dict[str, object]:
        """The values to begin with that an address names: those of plain fields."""
        plain = (name for name, field in cls.base_fields.items() if not isinstance(field, forms.JSONField))
        return {name: given[name] for name in plain if name in given}

    @classmethod
    def anew(cls, given: Mapping[str, str]) -> dict[str, object]:
        """What stays of what was typed when the thing is chosen that other fields are read from."""
        return {name: given[name] for name in cls.base_fields if given.get(name)}

    def place(self, path: str) -> str | None:
        """The field beside which a problem at this JSON path is told; None where it concerns the whole."""
        name = path.removeprefix("$.").removeprefix("body.").partition(".")[0].partition("[")[0]
        found = self.places.get(name, name)
        return found if found in self.fields else None

    def offer(self, name: str, rows: Iterable[Choice], blank: str) -> None:
        """The choices of a field, behind an empty first one."""
        cast("forms.ChoiceField", self.fields[name]).choices = [("", blank), *rows]


class ReasonForm(forms.Form):
    """Why: for those who sign, and for whoever reads it in ten years."""

    reason = forms.CharField(
        label="Reason",
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is signed with the change and stays in the record. Name no personal data.",
    )


def json_field(label: str, help_text: str, rows: int = 16) -> forms.JSONField:
    """A JSON text, written with two blanks for each level."""
    return forms.JSONField(
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "class": "mono", "spellcheck": "false"}),
    )
