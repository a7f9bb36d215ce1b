"""A day off Peru as receivers would have recorded it, small and quick, in which each behaviour occurs, down to the dirt of real feeds.

fleet       who sails, and where
reception   when each transmits, and which station hears it
ais_encode  fields -> sentences; the oracle of drill.ais_bytes too
peru_day    the feed, written to a file; peru_aids: a closed area, ports, and a look of a radar satellite beside it
"""
