"""A running node -> the page of its watch floor, in a browser without any other network.

Reading order: `routes.py` what the page asks for; `page.py` templates and their words; `assets.py` files; `of_*.py` the parts of the page, each a
route that gives a piece of HTML from what the API gives. What a person does goes to the API itself. `static/` is ours, `vendor/` is fetched when the
package is built (`hatch_build.py`).
"""
