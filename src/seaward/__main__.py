"""`python -m seaward`: the command."""

from seaward.cli.main import main

main()
