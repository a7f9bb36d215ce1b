"""tables -> one page for people: events in plain words, a map, what was refused, and the hashes of what it rests on.

page      the whole; with report.html.j2, report.css and map.js
drawing   tracks and land for the map           thinning  which points a line needs
refused   counts by rule                        words     how values are written
"""
