"""Selectors of watching: health over time, subscriptions and notices, as frozen values."""
