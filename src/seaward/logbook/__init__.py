"""What a node has kept -> answers: the log book of a watch, read while the node may be writing.

book        the settled history, what only the journals of bytes hold yet, and the state, as tables
questions   a vessel's history, who was in an area, closest approaches: the rows that matter, then the pure functions of `picture`
"""
