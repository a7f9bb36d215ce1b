"""The command: one verb per file. Results to standard output, progress and problems to standard error.

main -> detect | decode | demo | drill | evaluate (scored_files)
main -> watch | people | doctor
main -> alerts (alert_deeds) | lists | risk, all on a node's data (node_data)
"""
