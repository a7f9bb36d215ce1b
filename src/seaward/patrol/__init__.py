"""Risk and assets -> plans with a proven bound, strategies that cannot be read, and answers to alerts. Pure: no clock, no file, seeds as arguments.

cells     an area as cells, ways between them       lattice   where an asset can be after each step
routes    the best route of one asset               fleet     who sails, and from where
coverage  one plan that finds much                  bound     what no plan can exceed, what no strategy can undercut
mixture   plans to draw from by chance
"""
