"""What a pack of evidence is made of: bytes, hashes, signatures, tables as files; nothing here reads, writes or knows a feed.

container (files <-> one zip of one form) -> manifest (hashes, signature) -> feeds (pieces of a feed, and where they stood in it)
-> chain (that they are in the feed's chain of hashes) -> known (what is taken as known <-> JSON)
"""
