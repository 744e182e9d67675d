"""The stock Django administration for who runs the platform: it reads metadata, and writes nothing at all.

Guarantees that every page asks for a platform operator in a session with a second factor, that no method but GET
and HEAD is answered, that only the columns named here are read, shown or filtered by (a filter on a hidden column would
tell it bit by bit), and that leaves, objects, payloads, sealed keys and hashes of secrets are not among them.
"""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import BooleanField
from django.views.decorators.csrf import csrf_protect

from console import denials
from console.admin_words import column_name, name_columns
from console.views.guard import visit_of, wrong_method
from console.views.visit import Forbidden, Visit
from governance.identity.core.roles import Role
from governance.identity.models import (
    ApproverGroup,
    Founding,
    GroupMember,
    Membership,
    Namespace,
    Person,
    PersonalToken,
    PersonKey,
    SystemKey,
    Tenant,
    Ticket,
)
from governance.watching.models import Subscription
from ledger.models import (
    Bundle,
    DenialTally,
    Job,
    Publicity,
    SignerPause,
    SigningKey,
    Stream,
    StreamHead,
    Watermark,
    WorkerBeat,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

READING = ("GET", "HEAD")
DOORS = frozenset({"login", "logout", "password_change", "password_change_done", "view_on_site", "autocomplete"})


class OperatorsSite(admin.AdminSite):
    """Behind the same sign-in as every page."""

    site_header = "Countersign: metadata, read only"
    site_title = "Countersign"
    index_title = "What this installation holds"
    site_url = "/"
    enable_nav_sidebar = False
    empty_value_display = "none"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002  (Django's)
        """Sign in, then the role, then the method."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            visit = visit_of(request)
            if not isinstance(visit, Visit):
                return visit
            if Role.PLATFORM_OPERATOR not in visit.principal.roles:
                raise _forbidden()
            if request.method not in READING:
                denials.record(request, "method_not_allowed", visit.principal.actor)
                return wrong_method(request, READING)
            response: HttpResponseBase = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            return response

        return csrf_protect(update_wrapper(guarded, view))

    def has_permission(self, request: HttpRequest) -> bool:
        """Asked by templates alone; `admin_view` has decided."""
        return request.user.is_active

    def get_urls(self) -> list[Any]:
        """Without its own sign-in, its change of passwords, and its way around through content types."""
        return [one for one in super().get_urls() if getattr(one, "name", None) not in DOORS]


def _forbidden() -> Forbidden:
    return Forbidden(
        "Your roles do not let you open the administration.",
        "It takes the role platform operator: it shows metadata of every tenant.",
        "A platform operator can enter it for somebody else who runs the platform.",
    )


if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class Metadata(_ModelAdmin):
    """A table by the columns that are named; nothing can be added, changed or deleted."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    @property
    def media(self) -> forms.Media:
        """No script: the policy of every page refuses what Django's would do, and nothing is edited here."""
        return forms.Media()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  (Django's)
        """The site has decided."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  (Django's)
        """The same."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  (Django's)
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  (Django's)
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  (Django's)
        """Never."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:  # noqa: ARG002  (Django's)
        """Only what the list offers: any other condition could be asked for a hidden column, bit by bit."""
        return lookup.partition("__")[0] in set(self.list_filter) and lookup.count("__") <= 1

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under the name of what it lists."""
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        """The list and the row; nothing is changed here, so there is no history."""
        return [one for one in super().get_urls() if not str(getattr(one, "name", "")).endswith("_history")]


site = OperatorsSite(name="admin")


def _show(model: type[Model], shown: str, *, filters: str = "", search: str = "") -> None:
    """Register `model` with the columns `shown`; the first ones stand in the list too."""
    names = tuple(shown.split())
    name_columns(model, names)
    words = {name: f"{name}_said" for name in names if isinstance(model._meta.get_field(name), BooleanField)}  # noqa: SLF001  (Django's)
    told = tuple(words.get(name, name) for name in names)
    settings = {
        "fields": told, "readonly_fields": told, "list_display": told[:6], "list_filter": tuple(filters.split()),
        "search_fields": tuple(search.split()), "list_select_related": True,
        **{said: _yes_or_no(model, name) for name, said in words.items()},
    }  # fmt: skip
    site.register(model, type(f"{model.__name__}Admin", (Metadata,), settings))


def _yes_or_no(model: type[Model], name: str) -> Callable[[Any, Any], str]:
    """A column in words: the framework's red cross would mean that something failed."""

    @admin.display(description=column_name(model, name), ordering=name)
    def said(_: Any, row: Any) -> str:
        return "yes" if getattr(row, name) else "no"

    return said


_show(Stream, "origin namespace name created created_by profile_mode window_count window_age_s max_merge_delay_s"
      " clear_attributes public_id", filters="profile_mode", search="origin")  # fmt: skip
_show(StreamHead, "stream size signed_size window_number last_recorded waiting_since stopped events_open window_opened"
      " receipt_kid", filters="stopped")  # fmt: skip
_show(SigningKey, "kid stream use alg name valid_from valid_to", filters="use alg", search="kid name")
_show(SignerPause, "stream paused reason actor at", filters="paused")
_show(Publicity, "stream tiles entries", filters="tiles entries")
_show(Bundle, "public_id stream first_index last_index outcome created finished head_size actor bundle_id file_sha256"
      " file_size", filters="outcome", search="bundle_id file_sha256 actor")  # fmt: skip
_show(Job, "public_id kind namespace state done total created started finished actor unit attempts fencing lease_until"
      " heartbeat", filters="kind state", search="namespace actor")  # fmt: skip
_show(WorkerBeat, "name started beat")
_show(DenialTally, "minute reason door count", filters="reason")
_show(Watermark, "name made digest")
_show(Tenant, "slug name state created public_id", filters="state", search="slug name")
_show(Namespace, "name tenant created", search="name")
_show(Person, "email display_name is_active created public_id", filters="is_active", search="email display_name")
_show(Membership, "person tenant role created expires revoked public_id", filters="role", search="person__email")
_show(SystemKey, "name namespace state may_append may_read created last_used created_by previous_until public_id",
      filters="state may_append may_read", search="name")  # fmt: skip
_show(PersonKey, "kid person use custody state since until active_from revoked_at name created",
      filters="use custody state", search="kid")  # fmt: skip
_show(ApproverGroup, "id words tenant created", search="id words")
_show(GroupMember, "person group created revoked", filters="group")
_show(Ticket, "person purpose created expires used withdrawn created_by", filters="purpose")
_show(Founding, "change index genesis at")
_show(PersonalToken, "name person created expires revoked last_used public_id", search="name")
_show(Subscription, "person namespace stream kind minutes created ended by_mail public_id", filters="kind by_mail")
