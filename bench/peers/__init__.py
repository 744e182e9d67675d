"""The peers: other people's software, each used as its documentation shows."""
