"""The table of routes -> the OpenAPI 3.1 document of the API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from seaward.core.version import VERSION
from seaward.server.answers import One
from seaward.server.asked import FORMS, Asked
from seaward.server.floor import Floor
from seaward.server.guard import CSRF
from seaward.server.problems import MEDIA_TYPE, STATUS
from seaward.server.roles import ANYONE
from seaward.server.route import LONGEST_VALUE, MOST_VALUES, Param, Route

Schema = dict[str, Any]
_EVERYWHERE = ("headers", "host", "failed", "busy", "state")
_BOX = r"^-?\d{1,3}(\.\d{1,9})?(,-?\d{1,3}(\.\d{1,9})?){3}$"
_RFC3339 = {"type": "string", "format": "date-time"}


def document(floor: Floor, asked: Asked) -> One:
    """The document."""
    return One(openapi(floor.routes))


def openapi(routes: Sequence[Route]) -> Schema:
    """The document of these routes."""
    from seaward.server.schemas import PROBLEM  # noqa: PLC0415 - it is made of the routes' tables

    paths: Schema = {}
    bodies, components = msgspec.json.schema_components([r.body for r in routes if r.body is not None], ref_template="#/components/schemas/{name}")
    schema_of = dict(zip([r.body for r in routes if r.body is not None], bodies, strict=True))
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Seaward", "version": VERSION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
                 "description": "The watch of one node. Every answer is of one realm (header Seaward-Realm): ops, or ex:<drill id>."},
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": PROBLEM},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "seaward-<port>",
                            "description": f"with the header {CSRF} where something changes"},
            },
        },
    }  # fmt: skip


def _operation(route: Route, schema_of: dict[Any, Schema]) -> Schema:
    names = re.findall(r"\{(\w+)\}", route.path)
    parameters = [{"name": n, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 200}} for n in names]
    parameters += [_parameter(p) for p in route.all_params]
    if route.revised:
        parameters.append({"name": "If-Match", "in": "header", "required": True, "description": "the ETag of the alert as it was looked at",
                           "schema": {"type": "string", "pattern": '^"[0-9]{1,9}(-[0-9a-f]{24})?"$'}})  # fmt: skip
    told: Schema = {
        "operationId": f"{route.method.lower()}_{re.sub(r'[^a-z]+', '_', route.path.removeprefix('/api/v1')).strip('_')}", "tags": [route.tag],
        "summary": route.summary,
        "description": f"{(route.does.__doc__ or '').strip()} Role: {route.role}." + (" Not with a token." * route.by_session),
        "parameters": parameters, "responses": _responses(route, bool(names)),
        "security": [] if route.role == ANYONE else [{"session": []}] if route.by_session else [{"token": []}, {"session": []}],
        "x-role": route.role,
    }  # fmt: skip
    if route.body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema_of[route.body]}}}
    if route.text is not None:
        told["requestBody"] = {"required": True, "content": {route.text: {"schema": {"type": "string"}}}}
    return told


def _parameter(param: Param) -> Schema:
    schema: Schema
    if param.kind == "choice":
        schema = {"type": "string", "enum": [*param.choices]}
    elif param.kind == "flag":
        schema = {"type": "boolean"}
    elif param.kind in ("number", "whole"):
        schema = {"type": "integer" if param.kind == "whole" else "number"}
        schema |= {k: v for k, v in (("minimum", param.low), ("maximum", param.high)) if v is not None}
    elif param.kind == "moment":
        schema = dict(_RFC3339)
    elif param.kind == "bbox":
        schema = {"type": "string", "pattern": _BOX}
    else:
        schema = {"type": "string", "maxLength": 2_000 if param.name == "cursor" else LONGEST_VALUE}
    if param.many:
        schema = {"type": "array", "items": schema, "maxItems": MOST_VALUES}
    if param.otherwise is not None:
        schema["default"] = param.otherwise
    return {"name": param.name, "in": "query", "required": False, "description": param.meaning, "schema": schema}


def _responses(route: Route, by_name: bool) -> Schema:
    codes = {*_EVERYWHERE, *route.refusals, "unknown_parameter"}
    codes |= {"not_signed_in", "role"} if route.role != ANYONE else set()
    codes |= {"not_found"} if by_name else set()
    codes |= {"not_acceptable"} if route.media_type == "application/json" else set()
    if route.method not in ("GET", "HEAD"):
        codes |= {"body", "media_type", "too_large", "too_slow", "csrf", "full", "conflict"}
    if route.revised:
        codes |= {"changed", "no_revision", "refused"}
    told: Schema = {str(route.status): _success(route)}
    if route.method == "GET" and (route.rows is not None or route.answer is not None):
        told["304"] = {"description": "what was asked for is as If-None-Match knows it"}
    for status in sorted({STATUS[c] for c in codes}):
        said = ", ".join(sorted(c for c in codes if STATUS[c] == status))
        told[str(status)] = {"description": f"refused: {said}", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return told


def _success(route: Route) -> Schema:
    from seaward.server.schemas import WORDS, a_list, an_object, of_table, or_null  # noqa: PLC0415

    headers = {"Seaward-Realm": {"schema": {"type": "string"}}, "Seaward-Seq": {"schema": {"type": "integer"}}}
    if route.status == 204:
        return {"description": "done", "headers": headers}
    if route.streams or route.media_type != "application/json":
        return {"description": route.summary, "content": {route.media_type: {"schema": route.answer or {"type": "string"}}}}
    content: Schema = {}
    if route.rows is not None:
        words = WORDS if "reasons" in route.rows.schema else None
        text, items = {"type": "string"}, a_list(of_table(route.rows, words))
        page = an_object("A page of rows; next is the cursor of the page that follows.", realm=text, items=items, next=or_null(text))
        content["application/json"] = {"schema": page}
    elif route.answer is not None:
        content["application/json"] = {"schema": route.answer}
    if route.geo:
        features = {"type": "object", "required": ["type", "geometry", "properties"], "properties": {"type": {"const": "Feature"}}}
        content[FORMS["geojson"]] = {"schema": an_object("RFC 7946.", type={"const": "FeatureCollection"}, features=a_list(features))}
    if route.arrow:
        content[FORMS["arrow"]] = {"schema": {"type": "string", "contentMediaType": FORMS["arrow"]}}
    return {"description": route.summary, "headers": headers, "content": content}
