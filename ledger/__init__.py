"""The trust core: bytes, hashes, keys and streams in an opaque namespace. Knows no user, role or HTTP."""
