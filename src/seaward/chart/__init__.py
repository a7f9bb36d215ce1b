"""What a navigator has before sailing, packaged in the wheel; reads no other file.

shore   positions -> distance to the nearest shore [m]
coast   the land of the world, as polygons to draw
sea_grid  an area as cells of sea and land; waters closed
sea_field how far, or how long, from one place to everywhere by sea: the one to ask for distances
sea_way   the shortest way between two places, leg by leg: the one to sail
"""
