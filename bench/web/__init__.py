"""P1 and P2: the product behind its own web server, clients in processes of their own, and the peers beside it."""
