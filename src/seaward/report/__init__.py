"""tables -> pages for people: the report of a watch, and the review of a drill as a page and a PDF, each with the hashes of what it rests on.

page      the report; with report.html.j2, report.css and scripts (data, map, layers, plot, pointer, list, timeline, start)
drawing   tracks and land for the map           thinning  which points a line needs
listing   events as columns, and as a table     texts     catalogue texts that page and browser fill alike
reception cells of the map of reception         symbols   kinds in their order, and their outlines
refused   counts by rule                        words     how values are written
document  template, style and policy of a page  blocks    pieces that a page and a PDF lay out alike
figure    SVG without colours of its own

plan_page  a patrol plan as a page, from plan_view (in words) and plan_map (the chart); with plan.html.j2
order_view the order of an asset in words, with order_map; laid out by order_page and order_pdf (order.typ)

review_view   the review in words; laid out by review_page (review.html.j2, review.css, review.js) and review_pdf (review.typ)
review_truths who found what    review_tables  objectives, scores, injects    review_words  how its values are written
review_lanes  the timeline      review_map     the chart                      review_plots  the picture over time
"""
