"""The pure part: policies, quorum, states and the statement that is signed. No clock, no rows, no framework."""
