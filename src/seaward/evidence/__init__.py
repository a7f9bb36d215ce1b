"""Evidence of one event, with which others can find it again and check every byte: packs made and checked. It stands on the watch.

from_results | from_node (where an event and its bytes lie) -> origins, journals (feeds of bytes) -> gathering (what the event rests on)
-> derivation (the event again), decoding, tables -> build (the pack) -> check (a pack that holds, or the first thing that does not)
"""
