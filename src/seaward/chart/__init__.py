"""What a navigator has before sailing, packaged in the wheel; reads no other file.

shore   positions -> distance to the nearest shore [m]
coast   the land of the world, as polygons to draw
sea_grid, sea_way   an area as cells of sea and land, and the shortest way at sea between two places
"""
