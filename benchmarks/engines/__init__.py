"""One module an engine: the programs in that engine's own idiom.

Each has ``chain(kind, size)``, ``scalars(length)`` or ``demo(points)``, as far as the engine can run them. They return
a function that does the work once, forward and backward, and returns what the engines are compared by.
"""
