"""The API of a node over HTTP: who may ask, what is asked, what is answered. The room above `node`; pages stand on it.

serving      a node -> its API on a socket             app, floor   the application, and what its routes stand on
table        every route and the role it asks for      route        what a route is; openapi, schemas: the document made of it
guard        host, role, forgery, size -> let through  roles, sign_in, passwords, slowing, refusals: who is who
dispatch     asked -> function -> answers              asked, answers, problems: queries in; JSON, GeoJSON, Arrow, refusals out
of_*         the routes by subject                     sight        all vessels as last heard
changes      the journal -> stream; moving: positions  counts, metrics, logs: what the server did
"""

from seaward.server.serving import Serving, serve

__all__ = ["Serving", "serve"]
