"""tables -> one page for people: events in plain words, a map, what was refused, and the hashes of what it rests on.

page      the whole; with report.html.j2, report.css and scripts (data, map, layers, plot, pointer, list, timeline, start)
drawing   tracks and land for the map           thinning  which points a line needs
listing   events as columns, and as a table     texts     catalogue texts that page and browser fill alike
reception cells of the map of reception         symbols   kinds in their order, and their outlines
refused   counts by rule                        words     how values are written
"""
