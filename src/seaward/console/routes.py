"""Every path of the page, and the least role that may ask for it; they stand beside those of the API."""

from __future__ import annotations

from typing import Final

from seaward.console import (
    assets,
    of_alert,
    of_desk,
    of_drill,
    of_event,
    of_exchange,
    of_feeds,
    of_floor,
    of_past,
    of_patrols,
    of_queue,
    of_record,
    of_search,
    of_vessel,
)
from seaward.server import of_drill as drill_api
from seaward.server.roles import ANYONE, OBSERVER
from seaward.server.route import Param, Route
from seaward.server.table import ROUTES

_HTML, _TAG = "text/html; charset=utf-8", "console"
LANG: Final = Param("lang", "choice", "language of the page", choices=("en", "es"))

CONSOLE_ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "/", ANYONE, of_floor.page, "The watch floor", _TAG, (LANG,), media_type=_HTML),
    Route("GET", "/static/{version}/{file}", ANYONE, assets.asset, "A file of the page", _TAG, media_type="*/*"),
    Route("GET", "/charts/{file}", OBSERVER, assets.chart, "A part of a chart", _TAG, media_type="application/vnd.pmtiles"),
    Route("GET", "/console/queue", OBSERVER, of_queue.queue, "The queue of alerts", _TAG, of_queue.QUEUE_PARAMS, media_type=_HTML),
    Route("GET", "/console/alerts/{alert_id}", OBSERVER, of_alert.alert, "One alert", _TAG, of_alert.ALERT_PARAMS, media_type=_HTML),
    Route("GET", "/console/vessels/{vessel_id}", OBSERVER, of_vessel.vessel, "One vessel", _TAG, of_vessel.VESSEL_PARAMS, media_type=_HTML),
    Route("GET", "/console/events/{event_id}", OBSERVER, of_event.event, "One event", _TAG, of_event.EVENT_PARAMS, media_type=_HTML),
    Route("GET", "/console/chips", OBSERVER, of_feeds.chips, "Feeds and links at a glance", _TAG, media_type=_HTML),
    Route("GET", "/console/feeds", OBSERVER, of_feeds.feeds, "Feeds and links", _TAG, media_type=_HTML),
    Route("GET", "/console/exchange", OBSERVER, of_exchange.exchange, "What goes to partners and comes from them", _TAG, media_type=_HTML),
    Route("GET", "/console/desk", OBSERVER, of_desk.desk, "What is said with partners", _TAG, media_type=_HTML),
    Route("GET", "/console/patrols", OBSERVER, of_patrols.patrols, "The patrol", _TAG, media_type=_HTML),
    Route("GET", "/console/record", OBSERVER, of_record.record, "What the watch did", _TAG, of_record.RECORD_PARAMS, media_type=_HTML),
    Route("GET", "/console/drill", OBSERVER, of_drill.drill, "The exercise", _TAG, media_type=_HTML),
    Route("GET", "/console/review", OBSERVER, drill_api.review, "The after-action review", _TAG, media_type=_HTML),
    Route("GET", "/console/search", OBSERVER, of_search.search, "Vessels, alerts, areas", _TAG, of_search.SEARCH_PARAMS, media_type=_HTML),
    Route("GET", "/console/past", OBSERVER, of_past.past, "Where vessels were at a moment", _TAG, of_past.PAST_PARAMS, answer={"type": "object"}),
)

FLOOR_ROUTES: Final = (*ROUTES, *CONSOLE_ROUTES)
