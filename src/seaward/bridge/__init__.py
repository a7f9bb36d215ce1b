"""Legs of a plan <-> files that bridges and consoles read. Pure: bytes in and out, no clock, no file.

route     waypoints with times, speeds and tasks, made from legs and back    marks     a drill's route says so everywhere; names that fit NMEA 0183
xml_in    hostile XML refused, the rest as nodes with their lines            mistakes  what is wrong with a route file, in either language
read_rtz, rtz_rules, write_rtz   RTZ 1.0, 1.1, 1.2 (IEC 61174)               gpx, cot, table   GPX 1.1, Cursor on Target, CSV
"""
