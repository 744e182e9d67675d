"""The product, driven in its own process through its own services."""
