"""Tables kept: in memory or spilled to disk while a job runs (`spool`), as the files a user gets (`outputs`), and the state of a node (`state`).

tables in, tables out; the only rooms' files that write to disk are here.
"""
