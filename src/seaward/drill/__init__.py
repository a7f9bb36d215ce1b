"""Made-up seas for rehearsal and tests: seed -> sentences as receivers write them. Nothing here can be taken for real.

fleet       who sails, and where
reception   when each transmits, and which station hears it
ais_encode  fields -> sentences
peru_day    the day of `seaward demo`, written to a file
"""
