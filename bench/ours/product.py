"""Django with the product's settings, as every process of ours begins; importing this is enough."""

from __future__ import annotations

import django

django.setup()
