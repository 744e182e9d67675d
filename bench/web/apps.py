"""The peer's view as an app beside the product's."""

from __future__ import annotations

from django.apps import AppConfig


class PlainConfig(AppConfig):
    name = "bench.web"
    label = "bench_plain"
