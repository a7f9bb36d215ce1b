"""Made-up seas for rehearsal and tests: seed -> sentences as receivers write them. Nothing here can be taken for real.

scenario      what a scenario says
hulls         hulls, orders, and stretches of the true sea
chance        streams of luck
kernel        a cast, a clock and a seed -> the true sea
  motion      one tick; with afloat, steering, water, sun
  gears, crew what crews do with their gear
truth         where hulls really were, and what happened; with deeds, transmitters

The made-up day of before:
fleet       who sails, and where
reception   when each transmits, and which station hears it
ais_encode  fields -> sentences
read_scenario  a scenario file -> scenario.Scenario, or all its mistakes
preview     a scenario -> what could be seen when
cast        a scenario -> hulls, their orders, and what they say (traffic: patterns; plans: actors; identities; kinds; waters: the chart)
peru_day    the day of `seaward demo`, written to a file
"""
