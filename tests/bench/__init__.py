"""How fast the methods are, as ratios in one process: `python -m tests.bench --help`."""
