"""Speed only, each figure as a ratio to a named peer in the same run: `make bench`, or `python -m benchmarks --rows 2000000`."""
