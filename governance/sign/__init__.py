"""The second way to sign: statements read, rendered and signed at a command line, without a browser or a server.

Guarantees that it holds no Django and reaches no network: files in, files out, and a passphrase from the terminal.
"""
