"""Between granian and Django: a request gets a thread when it is whole, never while it is still arriving.

Guarantees that a body has a deadline, that what waits is bounded in number and bytes, and that no client can hold a
thread by sending or reading slowly: bodies are read on the event loop, files are sent by granian itself.
"""
