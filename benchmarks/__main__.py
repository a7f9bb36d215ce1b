"""Run every benchmark and print its figures."""

from __future__ import annotations

import argparse

from benchmarks import decode, detect


def main() -> None:
    """Parse the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000_000, help="rows of the CSV (default: %(default)s)")
    parser.add_argument("--only", choices=["decode", "detect"])
    args = parser.parse_args()
    figures = []
    if args.only in (None, "decode"):
        figures += decode.run()
    if args.only in (None, "detect"):
        figures += detect.run(args.rows)
    for what, value, unit in figures:
        print(f"{what:60s} {value:14,.2f} {unit}")


main()
