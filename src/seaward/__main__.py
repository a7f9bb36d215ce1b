"""`seaward` and `python -m seaward`: the command. Light, so that it can be stopped while the rest is loaded."""

import sys


def main() -> None:
    """Load the command and run it."""
    try:
        from seaward.cli.main import main as command  # noqa: PLC0415 - takes a second or two

        command()
    except KeyboardInterrupt:
        sys.stderr.write("seaward: stopped; nothing was left half-written\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
