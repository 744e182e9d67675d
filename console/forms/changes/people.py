"""Roles, places in groups, and keys of people."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.validators import RegexValidator

from console import words
from console.forms.changes.base import ChangeForm
from governance.identity.core.names import NAME_PATTERN
from governance.identity.core.person_keys import KeyState
from governance.identity.core.roles import Role
from governance.identity.selectors.person_keys import pending_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from governance.identity.selectors.people import PersonView
    from governance.identity.selectors.person_keys import PersonKeyView
    from ledger.core.types import JSONObject

_GROUP = "People and keys"


class _RoleForm(ChangeForm):
    group: ClassVar[str] = _GROUP

    person = forms.ChoiceField(label="Person")
    role = forms.ChoiceField(label="Role", required=False)
    tenant = forms.ChoiceField(label="In", required=False)

    def fill(self) -> None:
        """Offer who and what there is."""
        self.fields["place"] = forms.ChoiceField(
            label="Place in a group", required=False, help_text="Approvers count in the groups in which they have one."
        )
        self.offer("person", [(str(one.public_id), one.name) for one in self.reader.people()], "Choose a person")
        self.offer("role", [(role.value, role.words) for role in Role], "No role")
        self.offer("tenant", self.reader.tenants(), "The platform")
        self.offer("place", self.reader.groups(), "No place")

    @property
    def body(self) -> JSONObject:
        """Empty choices are null; the place is the body's `group`."""
        held = {name: value or None for name, value in self.cleaned_data.items()}
        return {"person": held["person"], "role": held["role"], "tenant": held["tenant"], "group": held["place"]}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """Back into the form's own names."""
        return {**body, "place": body["group"]}


class RoleGrantForm(_RoleForm):
    """A role, a place, or both."""

    kind: ClassVar[str] = "role.grant"
    hint: ClassVar[str] = "Give somebody a role, a place in an approver group, or both."

    expires = forms.DateTimeField(
        label="Until (UTC)",
        required=False,
        widget=forms.DateTimeInput(attrs={"placeholder": "2026-12-14 18:00:00", "autocomplete": "off"}),
        help_text="Empty: until it is revoked. A guest auditor needs an end.",
    )

    @property
    def body(self) -> JSONObject:
        """With its end in UTC seconds."""
        ends = self.cleaned_data["expires"]
        told = ends.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if ends else None
        return {**super().body, "expires": told}


class RoleRevokeForm(_RoleForm):
    """Sessions end with it."""

    kind: ClassVar[str] = "role.revoke"
    hint: ClassVar[str] = "Take a role or a place away. Open sessions of the person end with it."


class PersonUnitForm(ChangeForm):
    """A unit, or none."""

    kind: ClassVar[str] = "person.unit"
    group: ClassVar[str] = _GROUP
    hint: ClassVar[str] = "Say to which organisational unit somebody belongs. Some rules keep units apart."

    person = forms.ChoiceField(label="Person")
    unit = forms.CharField(
        label="Organisational unit",
        max_length=63,
        required=False,
        validators=[RegexValidator(rf"\A{NAME_PATTERN}\Z", "A unit has a name of a-z, 0-9 and -, like north-2.")],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def fill(self) -> None:
        """Offer who there is, each with their unit, and name the units there are."""
        there = self.reader.people()
        self.offer("person", [(str(one.public_id), _with_unit(one)) for one in there], "Choose a person")
        known = sorted({one.unit for one in there} - {""})
        told = f"There are {words.listed(known)}." if known else "There is none yet."
        self.fields["unit"].help_text = f"Empty: none. {told}"


class KeyEnrolForm(ChangeForm):
    """A registered key begins to count."""

    kind: ClassVar[str] = "key.enrol"
    group: ClassVar[str] = _GROUP
    hint: ClassVar[str] = "Let a key that somebody registered count. Compare its fingerprint with them before you sign."

    key = forms.ChoiceField(label="Registered key")

    def fill(self) -> None:
        """Offer the keys that wait."""
        names = {one.public_id: one.name for one in self.reader.people()}
        self._keys = {one.kid: one for one in self._offered() if one.person in names}
        self.offer("key", [(kid, _key_words(one, names)) for kid, one in self._keys.items()], "Choose a key")

    def _offered(self) -> Iterable[PersonKeyView]:
        return [one for one in pending_keys() if one.replaces is None]

    @property
    def body(self) -> JSONObject:
        """The whole key, so that its fingerprint is what people sign."""
        one = self._keys[self.cleaned_data["key"]]
        return {
            "person": str(one.person), "kid": one.kid, "public": one.public.hex(), "custody": one.custody.value,
            "use": one.use.value,
        }  # fmt: skip

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """The key's id."""
        return {"key": body["kid"]}


class KeyRotateForm(KeyEnrolForm):
    """A registered key takes the place of another."""

    kind: ClassVar[str] = "key.rotate"
    hint: ClassVar[str] = "Let a registered key take the place of the one that it was registered to replace."

    def _offered(self) -> Iterable[PersonKeyView]:
        return [one for one in pending_keys() if one.replaces is not None]

    @property
    def body(self) -> JSONObject:
        """With the key that it replaces."""
        return {**super().body, "replaces": self._keys[self.cleaned_data["key"]].replaces}


class KeyRevokeForm(ChangeForm):
    """Its power ends; what it signed verifies."""

    kind: ClassVar[str] = "key.revoke"
    group: ClassVar[str] = _GROUP
    hint: ClassVar[str] = "Take a key's power away. What it signed before still verifies; sessions of its holder end."

    key = forms.ChoiceField(label="Key")
    why = forms.CharField(label="Shown in the record", max_length=500)

    def fill(self) -> None:
        """Offer the keys that count."""
        there = self.reader.people()
        live = [one for holder in there for one in holder.keys if one.state is KeyState.ACTIVE]
        self._holders = {one.kid: str(one.person) for one in live}
        names = {one.public_id: one.name for one in there}
        self.offer("key", [(one.kid, _key_words(one, names)) for one in live], "Choose a key")

    @property
    def body(self) -> JSONObject:
        """Holder, key and reason."""
        kid = self.cleaned_data["key"]
        return {"person": self._holders[kid], "kid": kid, "reason": self.cleaned_data["why"]}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """Back into the form's own names."""
        return {"key": body["kid"], "why": body["reason"]}


def _with_unit(one: PersonView) -> str:
    return f"{one.name} ({one.unit or 'no unit'})"


def _key_words(one: PersonKeyView, names: dict[Any, str]) -> str:
    return (
        f"{names.get(one.person, 'unknown')}: {one.name or 'key'} {one.kid[:8]}, {one.use.value}, {one.custody.value}"
    )
