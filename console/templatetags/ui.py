"""Template tags of the shared parts: marks, hash chip, time, chain of seals, proof ladder, fields.

State is told by shape and word beside the colour; a hash is never cut without a way to the whole of it.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from console import api_calls, words
from console.marks import mark_of
from console.tables import with_query
from governance.change.types import change_type

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from django.forms import BoundField

    from console.chain import Seal
    from console.listing.order import Sorting

register = template.Library()

register.filter("grouped", words.grouped)
register.filter("size", words.size)
register.filter("duration", words.duration)


@register.filter
def kind_words(kind: str) -> str:
    """What a kind of change is called: "Install a NullSpec contract" for `nullspec.install`."""
    return change_type(kind).words


@register.filter
def breakable(name: str) -> SafeString:
    """A name such as `source:subject:action` or `/contract/ttl_epochs`, which may go on in the next line behind each
    colon, slash and low line.
    """
    parts = re.findall(r"[^:/_]*[:/_]|[^:/_]+", name)
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in parts))


@register.filter
def counted(number: int, forms: str) -> str:
    """`{{ n|counted:"event" }}` or `{{ n|counted:"entry,entries" }}`."""
    one, _, many = forms.partition(",")
    return words.counted(number, one, many)


@register.filter
def tone(state: str) -> str:
    """The CSS class of a state: `is-pass`, `is-stale`, `is-fail`, `is-none`."""
    return f"is-{mark_of(state).shape}"


@register.simple_tag
def mark(state: str) -> SafeString:
    """The shape of a state alone, for places where the word stands beside it."""
    return format_html(
        '<svg class="mark" aria-hidden="true" focusable="false"><use href="#m-{}"></use></svg>',
        mark_of(state).shape,
    )


@register.simple_tag
def state(name: str, word: str = "") -> SafeString:
    """Shape, colour and word of a state; `word` where the usual one does not fit."""
    found = mark_of(name)
    return format_html(
        '<span class="state is-{}">{}<span>{}</span></span>', found.shape, mark(name), word or found.word
    )


@register.simple_tag
def state_word(name: str) -> SafeString:
    """The word of a state in its colour, where the shape stands beside it already."""
    found = mark_of(name)
    return format_html('<span class="state is-{}">{}</span>', found.shape, found.word)


@register.simple_tag
def moment(when: datetime | None, *, relative: bool = False) -> SafeString | str:
    """A time in UTC; with `relative`, how long ago stands beside it. `never` where there is none."""
    if when is None:
        return "never"
    element = format_html('<time class="time" datetime="{}">{}</time>', words.machine_moment(when), words.moment(when))
    if not relative:
        return element
    return format_html('{} <span class="ago">{}</span>', element, ago(when))


@register.simple_tag
def ago(when: datetime | None) -> str:
    """How long before now."""
    return words.ago(when, timezone.now()) if when else "never"


@register.simple_tag
def lasting(span: timedelta | float | None) -> str:
    """A duration in words; nothing where it is unknown."""
    return "" if span is None else words.duration(span)


@register.simple_tag(name="hash")
def hash_chip(value: bytes | str, label: str = "hash") -> SafeString:
    """First 8 and last 4 digits of a hash (bytes or hex), the whole on focus, copied in hex or base64."""
    octets = bytes.fromhex(value) if isinstance(value, str) else bytes(value)
    digits = octets.hex()
    told = {"head": digits[:8], "tail": digits[-4:], "base64": base64.b64encode(octets).decode()}
    chip = render_to_string("ui/_hash.html", {"label": label, "hex": digits, **told})
    return SafeString(chip.strip())  # nosec B703  text of an autoescaped template


@register.inclusion_tag("ui/_chain.html")
def chain(seals: tuple[Seal, ...]) -> dict[str, Any]:
    """The chain of seals, large: name, state, age and a link to the proof of each step."""
    return {"seals": seals}


@register.inclusion_tag("ui/_chain_small.html")
def chain_small(seals: tuple[Seal, ...]) -> dict[str, Any]:
    """The same chain on one row of a table."""
    return {"seals": seals, "reached": [seal.name for seal in seals if seal.state == "pass"]}


@register.inclusion_tag("ui/_field.html")
def field(bound: BoundField, kind: str = "") -> dict[str, Any]:
    """Label, control, hint and error of one form field, tied together for assistive technology."""
    described = [f"{bound.auto_id}-hint"] if bound.help_text else []
    described += [f"{bound.auto_id}-error"] if bound.errors else []
    own = bound.field.widget.attrs.get("class", "")
    attrs: dict[str, str | bool] = {"class": " ".join(f"input {kind} {own}".split())}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return {"bound": bound, "control": bound.as_widget(attrs=attrs)}


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: str) -> str:
    """The address of this list with these values set, or left out where they are empty."""
    return with_query(context["request"].GET, **changes) or "?"


@register.simple_tag(takes_context=True)
def curl(context: dict[str, Any], address: str) -> str:
    """The same call as a command line."""
    return api_calls.curl(context["request"], address)


@register.inclusion_tag("ui/_th.html")
def th(sorted_by: Sorting | str, column: str, label: str, kind: str = "") -> dict[str, Any]:
    """A heading: a link that sorts, where the list can be sorted by this column."""
    headings = {} if isinstance(sorted_by, str) else sorted_by.headings
    return {"heading": headings.get(column), "label": label, "kind": kind}
