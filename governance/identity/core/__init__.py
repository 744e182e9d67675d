"""Pure rules of identity: ids, tokens, names, roles. No Django, no I/O, no clock."""
