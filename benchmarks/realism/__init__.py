"""How a simulated sea differs from a real feed: the same reader, the same five minutes, classes and speeds; distances, and a classifier by vessel.

In reading order: `windows` (feeds -> reports of vessels in windows), `measures` (reports -> what is compared), `distances`, `classifier`, `drawing`.
"""
