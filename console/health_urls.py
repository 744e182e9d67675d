"""Addresses for machines that watch."""

from __future__ import annotations

from django.urls import path

from console import health

urlpatterns = [
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("metrics", health.exposition, name="metrics"),
]
