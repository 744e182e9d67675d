"""A small real computation: is a file code or data, judged without its suffix? The same answer every time.

The suffix is the truth to learn from and to measure against; the model sees everything else: size, depth,
folders and the words of the name. A tenth of the files is held out by digest, and only those are decided.
"""
