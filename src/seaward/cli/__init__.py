"""The command: one verb per file. Results to standard output, progress and problems to standard error.

main -> detect | decode | demo | drill
main -> detect | decode | demo | evaluate (scored_files)
"""
