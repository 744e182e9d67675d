"""How Django's own pages write times: as every other page does."""
