"""events, positions + truth, true_tracks -> scores: what a watch found against what happened in a simulated sea.

tolerances        how far apart an event and a truth of one kind may be
matching          events and truth -> one-to-one pairs, and a verdict on each of both
intervals         counts and delays -> figures with their intervals (Wilson, Garwood, Kaplan-Meier)
scores            a matching -> precision, recall, false alarms, delays, calibration: tables by kind
gospa             places and places -> GOSPA with its parts
picture_quality   positions against true_tracks at given moments
delays            a log of stages -> how long each step from onset to on scene took
watch_record      alerts of a watch and what people did with them -> what became of them, and how long answers took
"""
