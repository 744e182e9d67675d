"""Commands for whoever sits at the server."""
