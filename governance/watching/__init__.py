"""Watching streams: samples of their health over time, what people subscribed to, and what they were told."""
