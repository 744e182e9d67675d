"""The one search box: what was typed is read, looked up by key where the reader may read, and told by kind."""
