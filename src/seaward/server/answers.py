"""Rows or one object -> JSON, GeoJSON or an Arrow stream with ETag and Link, or 304 where who asks has it already."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import polars as pl
from starlette.responses import Response

from seaward.server.as_json import as_json
from seaward.server.asked import FORMS, Asked

Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of rows.

    Parameters
    ----------
    rows
        The table.
    next
        Cursor of the page that follows; None on the last.
    id
        Column that names a row, for GeoJSON.
    features
        GeoJSON features made already; else points at lon_deg and lat_deg.
    words
        Columns for JSON and GeoJSON alone, such as reasons in words: one list per name, as long as the rows.
    """

    rows: pl.DataFrame
    next: str | None = None
    id: str = ""
    features: list[Feature] | None = None
    words: Mapping[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class One:
    """One object; `revision` begins its ETag, `features` make it GeoJSON."""

    value: Any
    revision: int | None = None
    features: list[Feature] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: bool = True  # whether it may be kept and asked for again with If-None-Match
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes of a media type; nothing where there is nothing to say. `status` where it is not the route's."""

    body: bytes = b""
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None


Answer = Rows | One | Raw


def respond(answer: Answer, asked: Asked, status: int, realm: str, seq: int) -> Response:
    """The answer in the form that was asked for.

    Parameters
    ----------
    seq
        Number of the last change that the answer can already tell of: from there on follow `changes`.
    """
    headers = {"Seaward-Realm": realm, "Seaward-Seq": str(seq)}
    if isinstance(answer, Raw):
        headers |= {"Cache-Control": "no-store", **answer.headers}
        return Response(answer.body, answer.status or (status if answer.body else 204), headers, answer.media_type)
    headers |= {"Content-Language": asked.language, "Vary": "Accept, Accept-Language, Cookie, Authorization"}
    if isinstance(answer, One):
        is_geo = asked.form == "geojson" and answer.features is not None
        body = as_json(_collection(answer.features, realm, None) if is_geo else answer.value)
        headers |= answer.headers
        if not answer.keep:
            return Response(body, status, {"Cache-Control": "no-store", **headers}, FORMS["geojson" if is_geo else "json"])
        etag = _etag(body, answer.revision)
    else:
        body = _page(answer, asked, realm)
        etag = _etag(body, None)
        if answer.next is not None:
            headers["Link"] = f'<{asked.url}?{_query(asked, answer.next)}>; rel="next"'
    headers |= {"ETag": etag, "Cache-Control": "private, no-cache"}
    if status == 200 and _has(asked.headers.get("if-none-match", ""), etag):
        return Response(b"", 304, headers)
    return Response(body, status, headers, FORMS[asked.form])


def _page(answer: Rows, asked: Asked, realm: str) -> bytes:
    if asked.form == "arrow":
        return arrow_stream(answer.rows, {"realm": realm, **({"next": answer.next} if answer.next else {})})
    rows = [{**row, **{name: texts[n] for name, texts in answer.words.items()}} for n, row in enumerate(answer.rows.iter_rows(named=True))]
    if asked.form == "json":
        return as_json({"realm": realm, "items": rows, "next": answer.next})
    return as_json(_collection(answer.features if answer.features is not None else [point(r, answer.id) for r in rows], realm, answer.next))


def point(row: Mapping[str, Any], name: str) -> Feature:
    """A row as a GeoJSON feature at its place."""
    lon, lat = row.get("lon_deg"), row.get("lat_deg")
    properties = {k: v for k, v in row.items() if k not in ("lon_deg", "lat_deg")}
    where = None if lon is None or lat is None else {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"type": "Feature", "id": row[name], "geometry": where, "properties": properties}


def _collection(features: list[Feature] | None, realm: str, following: str | None) -> dict[str, Any]:
    return {"type": "FeatureCollection", "realm": realm, "next": following, "features": features or []}


def arrow_stream(rows: pl.DataFrame, metadata: Mapping[str, str]) -> bytes:
    """Rows as an Arrow IPC stream whose schema carries the metadata."""
    import pyarrow as pa  # noqa: PLC0415 - a second of loading, for those who ask

    plain = rows.with_columns(pl.col(n).cast(pl.String) for n, t in rows.schema.items() if isinstance(t, (pl.Categorical, pl.Enum)))
    table = plain.to_arrow(compat_level=pl.CompatLevel.oldest()).replace_schema_metadata({f"seaward.{k}": v for k, v in metadata.items()})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _etag(body: bytes, revision: int | None) -> str:
    name = hashlib.sha256(body).hexdigest()[:24]
    return f'"{name}"' if revision is None else f'"{revision}-{name}"'


def _has(if_none_match: str, etag: str) -> bool:
    return if_none_match.strip() == "*" or etag in [t.strip().removeprefix("W/") for t in if_none_match.split(",")]


def _query(asked: Asked, cursor: str) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in (asked.query | {"cursor": cursor}).items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                pairs.append((name, _text(one)))
    return urlencode(pairs)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(str(v) for v in value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
