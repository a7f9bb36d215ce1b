"""Made-up seas for rehearsal and tests: scenario + seed -> what sensors hand over, and the truth. Nothing here can be taken for real.

scenario       what a scenario says; read_scenario: from a file, or all its mistakes; preview: what could be seen when
hulls          hulls, orders, and stretches of the true sea; chance: streams of luck
cast           a scenario -> hulls, their orders, and what they say (traffic: patterns; plans: actors; identities; kinds; waters: the chart)
kernel         a cast, a clock and a seed -> the true sea (motion: one tick; afloat, steering, water, sun; gears, crew: fishing)
truth          where hulls really were, and what happened (deeds, transmitters)
observe        the sea -> files (ais_send, ais_bytes: what transmitters send; coastal_ais, satellite_ais, vms, looks, coastal_radar: who gets it)
recording      all of it in a chain of hashes
"""
