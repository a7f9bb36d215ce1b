"""reports, static -> positions, vessels, rejected: what was said becomes what sailed where.

Read in this order: positions (the face), order, tracks, duplicates, hulls (with motion and assignment), clock, vessels, reception.
Everything works on whole identities (MMSI), in any order and any grouping, and gives the same rows.
"""
