"""Speed beside that of the usual tools, on the same data, in one run: `make bench`.

Each row of the table is a module that runs by itself too: `.venv/bin/python -m bench.recompute`.
BENCH_DATA names a folder with `crimes/` (the monthly files of St. Louis) and `roads/`.
"""
