"""Side-by-side measurements of glassgrad and its peers, run by ``make bench``."""
