"""Pages: function views per area, each behind the guard."""
