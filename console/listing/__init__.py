"""Lists that work: order and filter in the address, pages by keyset, files of the current filter with a manifest."""
