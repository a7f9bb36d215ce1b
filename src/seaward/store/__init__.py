"""Tables kept: in memory or spilled to disk while a job runs (`spool`), and as the files a user gets (`outputs`).

tables in, tables out; the only rooms' files that write to disk are here.
"""
