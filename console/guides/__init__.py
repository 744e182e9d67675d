"""The guided pages: runbooks whose steps link to the thing and say whether they are done."""

from __future__ import annotations

from console.guides import export, health, reliance, rotate

GUIDES = {one.slug: one for one in (rotate.GUIDE, export.EXPORT, health.GUIDE, export.VERIFY, reliance.GUIDE)}
"""By slug, in the order in which they are listed."""
