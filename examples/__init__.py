"""Networks that learn from real data, and what they reach: ``python -m examples`` (``make examples``).

Each module holds one example: a function ``run`` that trains, and returns the figures it measured. The data comes with
scikit-learn or with Python itself, so nothing is downloaded. ``demo.py`` stands apart: it draws, too (``make demo``).
"""
