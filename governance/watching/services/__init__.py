"""Services of watching: observing streams, telling people, delivering mail."""
