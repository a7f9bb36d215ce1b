"""Every route of the API, and the least role that may ask for it. What is not here does not exist; `guard` denies it."""

from __future__ import annotations

from typing import Final

from seaward.core.tables import ALERTS, CASES, PARTNER_OBJECTS, POSITIONS, SILENCES, WATCH_LIST
from seaward.server import (
    of_about,
    of_alerts,
    of_chart,
    of_desk,
    of_detections,
    of_drill,
    of_events,
    of_exchange,
    of_lists,
    of_node,
    of_ogc,
    of_patrol,
    of_people,
    of_picture,
    of_record,
    of_release,
    of_vessels,
    openapi,
)
from seaward.server import schemas as say
from seaward.server.roles import ADMIN, ANYONE, OBSERVER, OFFICER, SUPERVISOR
from seaward.server.route import PREFIX, Route
from seaward.server.sight import VESSELS_NOW
from seaward.store.photos import MOST_BYTES

P: Final = PREFIX

ROUTES: Final[tuple[Route, ...]] = (
    # the node
    Route("GET", f"{P}/alive", ANYONE, of_node.alive, "Whether the node answers", "node", answer=say.ALIVE),
    Route("GET", f"{P}/openapi.json", ANYONE, openapi.document, "This document", "node", answer={"type": "object"}),
    Route("GET", f"{P}/health", OBSERVER, of_node.health, "How the node is", "node", answer=say.HEALTH),
    Route("GET", f"{P}/feeds", OBSERVER, of_node.feeds, "How its feeds are", "node", answer=say.FEEDS),
    Route("GET", f"{P}/feeds/{{feed}}", OBSERVER, of_node.feed, "How one feed is", "node", answer=say.FEED),
    Route("GET", f"{P}/changes", OBSERVER, of_node.changes, "What changes, as it does", "node", of_node.CHANGES_PARAMS, streams=True,
          media_type="text/event-stream"),
    Route("POST", f"{P}/changes/{{stream}}/view", OBSERVER, of_node.show, "Another part of the sea for an open stream", "node", of_node.VIEW_PARAMS,
          answer=say.STREAM),
    Route("GET", "/metrics", OBSERVER, of_node.metrics, "Metrics for Prometheus", "node", media_type="text/plain"),
    # vessels
    Route("GET", f"{P}/vessels", OBSERVER, of_vessels.vessels, "Vessels as last heard", "vessels", of_vessels.VESSELS_PARAMS, rows=VESSELS_NOW,
          geo=True, arrow=True, paged=True),
    Route("GET", f"{P}/vessels/{{vessel_id}}", OBSERVER, of_vessels.vessel, "One vessel", "vessels", answer=say.VESSEL),
    Route("GET", f"{P}/vessels/{{vessel_id}}/track", OBSERVER, of_vessels.track, "Where it was", "vessels", of_vessels.TRACK_PARAMS, rows=POSITIONS,
          geo=True, arrow=True, paged=True),
    Route("GET", f"{P}/vessels/{{vessel_id}}/notes", OBSERVER, of_about.about, "Notes and photos of it", "vessels", answer=say.ABOUT),
    Route("POST", f"{P}/vessels/{{vessel_id}}/notes", OFFICER, of_about.new_note, "Write a note", "vessels", body=of_about.Noting, answer=say.ABOUT,
          status=201, refusals=("refused",)),
    Route("POST", f"{P}/vessels/{{vessel_id}}/notes/{{n}}/withdraw", OFFICER, of_about.withdraw_note, "Withdraw a note", "vessels",
          body=of_about.Withdrawal, answer=say.ABOUT),
    Route("POST", f"{P}/vessels/{{vessel_id}}/photos", OFFICER, of_about.new_photo, "Add a photo", "vessels", of_about.PHOTO_PARAMS, text="image/*",
          most_bytes=MOST_BYTES, answer=say.ABOUT, status=201, refusals=("refused", "bad_value")),
    Route("GET", f"{P}/vessels/{{vessel_id}}/photos/{{sha}}", OBSERVER, of_about.photo, "A photo", "vessels", media_type="image/*"),
    Route("POST", f"{P}/vessels/{{vessel_id}}/photos/{{n}}/withdraw", OFFICER, of_about.withdraw_photo, "Withdraw a photo", "vessels",
          body=of_about.Withdrawal, answer=say.ABOUT),
    # events
    Route("GET", f"{P}/events", OBSERVER, of_events.events, "Events in their last version", "events", of_events.EVENTS_PARAMS,
          rows=of_events.EVENTS_LISTED, geo=True, arrow=True, paged=True),
    Route("GET", f"{P}/events/{{event_id}}", OBSERVER, of_events.event, "One event in all its versions", "events", geo=True, answer=say.EVENT),
    # alerts
    Route("GET", f"{P}/alerts", OBSERVER, of_alerts.alerts, "Alerts as they stand", "alerts", of_alerts.ALERTS_PARAMS, rows=ALERTS, geo=True,
          arrow=True, paged=True),
    Route("GET", f"{P}/alerts/{{alert_id}}", OBSERVER, of_alerts.alert, "One alert and its history", "alerts", geo=True, answer=say.ALERT),
    *(
        Route("POST", f"{P}/alerts/{{alert_id}}/{does.__name__}", OFFICER, does, summary, "alerts", body=body, revised=True, answer=say.ALERT)
        for does, body, summary in (
            (of_alerts.acknowledge, of_alerts.Deed, "Take it"), (of_alerts.validate, of_alerts.Deed, "It is so: a case"),
            (of_alerts.dismiss, of_alerts.Dismissal, "Nothing need be done"), (of_alerts.silence, of_alerts.Silencing, "Silence it"),
            (of_alerts.reopen, of_alerts.Reasoned, "Undo what was decided"), (of_alerts.comment, of_alerts.Reasoned, "Write into its history"),
            (of_alerts.assign, of_alerts.Assigning, "Give it to somebody"),
        )
    ),
    # other nations
    Route("GET", f"{P}/exchange", OBSERVER, of_exchange.exchange, "How the links with partners are", "exchange", answer=say.EXCHANGE),
    Route("GET", f"{P}/exchange/objects", OBSERVER, of_exchange.objects, "What partners sent", "exchange", of_exchange.OBJECTS_PARAMS,
          rows=PARTNER_OBJECTS, geo=True, arrow=True),
    Route("GET", f"{P}/exchange/tracks", OBSERVER, of_exchange.tracks, "Where partners see vessels", "exchange", of_exchange.TRACKS_PARAMS,
          rows=of_exchange.PARTNER_TRACKS, geo=True, arrow=True),
    Route("GET", f"{P}/exchange/aivdm/{{origin}}", OBSERVER, of_exchange.aivdm, "The same of one partner, for chart plotters", "exchange",
          media_type="text/plain"),
    Route("GET", f"{P}/exchange/threads", OBSERVER, of_desk.threads, "What is said with partners", "exchange", of_desk.THREADS_PARAMS,
          answer=say.THREADS),
    Route("GET", f"{P}/exchange/threads/{{thread}}", OBSERVER, of_desk.thread, "One thread of it", "exchange", answer=say.THREAD,
          refusals=("refused",)),
    *(
        Route("POST", f"{P}/exchange/{path}", OFFICER, does, summary, "exchange", body=body, answer=say.THREAD, status=201, refusals=("refused",))
        for path, does, body, summary in (
            ("requests", of_desk.ask, of_desk.Asking, "Ask for information"), ("tasks", of_desk.task, of_desk.Tasking, "Ask for a deed"),
            ("plans", of_desk.plan, of_desk.Proposing, "Propose a plan"), ("rescues", of_desk.rescue, of_desk.Rescuing, "Begin a rescue"),
            ("chat", of_desk.chat, of_desk.Writing, "Write a line"), ("cases", of_desk.case, of_desk.Sharing, "Share a case"),
            ("controls", of_desk.control, of_desk.Controlling, "Control a drill"),
        )
    ),
    *(
        Route("POST", f"{P}/exchange/threads/{{thread}}/{does.__name__}", OFFICER, does, summary, "exchange", body=body, answer=say.THREAD,
              refusals=("refused",))
        for does, body, summary in (
            (of_desk.answer, of_desk.Answering, "Answer a request"), (of_desk.reply, of_desk.Replying, "Reply to a task or plan"),
            (of_desk.phase, of_desk.Phase, "The next phase of a rescue"), (of_desk.withdraw, of_desk.Withdrawing, "Call it off"),
        )
    ),
    Route("GET", f"{P}/exchange/explain", OBSERVER, of_release.explain, "What a partner would get, and why", "exchange", of_release.EXPLAIN_PARAMS,
          answer=say.EXPLAINED, refusals=("refused",)),
    Route("POST", f"{P}/exchange/releases", OFFICER, of_release.release, "Let partners have an event or alert", "exchange",
          body=of_release.Releasing, answer=say.RELEASED, refusals=("refused",)),
    Route("POST", f"{P}/exchange/releases/take-back", OFFICER, of_release.take_back, "Share it no longer", "exchange", body=of_release.TakingBack,
          answer=say.RELEASED, refusals=("refused",)),
    Route("GET", f"{P}/picture", OBSERVER, of_picture.picture, "All vessels, ours and those of partners, each once", "exchange",
          of_picture.PICTURE_PARAMS, rows=of_picture.PICTURE, geo=True, arrow=True, paged=True),
    Route("GET", f"{P}/picture/events", OBSERVER, of_picture.picture_events, "All events, ours and those of partners, each once", "exchange",
          of_picture.PICTURE_EVENTS_PARAMS, rows=of_picture.PICTURE_EVENTS, geo=True, arrow=True, paged=True),
    # the patrol
    Route("GET", f"{P}/patrol", OBSERVER, of_patrol.patrol, "The patrol as it stands, and why", "patrol", geo=True, answer=say.PATROL),
    Route("GET", f"{P}/patrol/shown/{{nation}}", OFFICER, of_patrol.shown, "What a nation may see of it", "patrol", answer={"type": "object"},
          refusals=("refused",)),
    Route("POST", f"{P}/patrol/answers", OFFICER, of_patrol.respond, "Propose how it meets alerts or places", "patrol", body=of_patrol.Responding,
          answer=say.PATROL_PROPOSAL, status=201, refusals=("refused", "busy")),
    Route("GET", f"{P}/patrol/answers/{{n}}", OBSERVER, of_patrol.proposal, "One proposal", "patrol", geo=True, answer=say.PATROL_PROPOSAL,
          refusals=("refused",)),
    Route("POST", f"{P}/patrol/answers/{{n}}/accept", OFFICER, of_patrol.accept, "Have a proposal sailed", "patrol", body=of_patrol.Accepting,
          answer=say.PATROL_PROPOSAL, refusals=("refused",)),
    Route("POST", f"{P}/patrol/legs/{{asset}}/{{leg}}", OFFICER, of_patrol.change_leg, "Propose to take a leg out, postpone or move it", "patrol",
          body=of_patrol.Changing, answer=say.PATROL_PROPOSAL, status=201, refusals=("refused", "busy")),
    # what people keep
    Route("GET", f"{P}/cases", OBSERVER, of_lists.cases, "Cases", "cases", of_lists.CASES_PARAMS, rows=CASES, arrow=True),
    Route("POST", f"{P}/cases/{{alert_id}}/close", SUPERVISOR, of_lists.close_case, "Close a case", "cases", body=of_alerts.Reasoned,
          answer=say.CASE),
    Route("POST", f"{P}/cases/{{alert_id}}/reopen", SUPERVISOR, of_lists.reopen_case, "Open it again", "cases", body=of_alerts.Reasoned,
          answer=say.CASE),
    Route("GET", f"{P}/silences", OBSERVER, of_lists.silences, "Silences", "lists", of_lists.SILENCES_PARAMS, rows=SILENCES, arrow=True),
    Route("POST", f"{P}/silences", SUPERVISOR, of_alerts.new_silence, "Silence a vessel, rule, area or kind", "lists", body=of_alerts.WideSilence,
          answer=say.SILENCED, status=201, refusals=("refused",)),
    Route("DELETE", f"{P}/silences/{{silence_id}}", SUPERVISOR, of_alerts.lift, "End a silence", "lists", status=204),
    Route("GET", f"{P}/lists", OBSERVER, of_lists.lists, "Watch lists", "lists", rows=say.LISTS_ROWS, arrow=True),
    Route("GET", f"{P}/lists/{{name}}", OBSERVER, of_lists.one_list, "One watch list", "lists", rows=WATCH_LIST, arrow=True),
    Route("PUT", f"{P}/lists/{{name}}", SUPERVISOR, of_lists.new_list, "Put a list in use (CSV)", "lists", text="text/csv", answer=say.NEW_LIST,
          refusals=("refused",)),
    Route("DELETE", f"{P}/lists/{{name}}", SUPERVISOR, of_lists.end_list, "Take it out of use", "lists", status=204),
    Route("GET", f"{P}/detections", OBSERVER, of_detections.detections, "Contacts of other sensors, and what explains them", "chart",
          of_detections.DETECTIONS_PARAMS, rows=of_detections.DETECTIONS_LISTED, geo=True, arrow=True, paged=True),
    Route("GET", f"{P}/areas", OBSERVER, of_chart.areas, "Areas and their rules", "chart", rows=of_chart.AREAS_LISTED, geo=True),
    Route("GET", f"{P}/record", OBSERVER, of_record.record, "What became of the alerts of a period", "record", of_record.RECORD_PARAMS,
          answer=say.RECORD),
    Route("GET", f"{P}/audit", SUPERVISOR, of_lists.audit, "Who did what", "audit", of_lists.AUDIT_PARAMS, rows=say.AUDIT_ROWS,
          arrow=True, paged=True),
    Route("GET", f"{P}/drill", OBSERVER, of_drill.drill, "The exercise that the node takes part in", "drill", answer=say.DRILL),
    Route("POST", f"{P}/drill/clock", SUPERVISOR, of_drill.set_clock, "Set the pace of its clock, at control's node", "drill", body=of_drill.Speed,
          answer=say.DRILL, refusals=("refused",)),
    Route("POST", f"{P}/drill/injects/{{inject}}/release", SUPERVISOR, of_drill.release, "Hand over a held inject, at control's node", "drill",
          answer=say.DRILL, refusals=("refused",)),
    # the same for maps: OGC API - Features
    *(
        Route("GET", f"{of_ogc.ROOT}{path}", OBSERVER, does, summary, "maps", params, answer={"type": "object"}, media_type=media_type)
        for path, does, summary, params, media_type in (
            ("", of_ogc.landing, "OGC API - Features: where it begins", (), of_ogc.JSON),
            ("/conformance", of_ogc.conformance, "What of it is kept", (), of_ogc.JSON),
            ("/collections", of_ogc.collections, "Its layers", (), of_ogc.JSON),
            ("/collections/{collection}", of_ogc.collection, "One layer", (), of_ogc.JSON),
            ("/collections/{collection}/items", of_ogc.items, "Features of a layer", of_ogc.ITEMS_PARAMS, of_ogc.GEOJSON),
            ("/collections/{collection}/items/{feature}", of_ogc.item, "One feature", (), of_ogc.GEOJSON),
        )
    ),
    # people
    Route("POST", f"{P}/session", ANYONE, of_people.sign_in, "Sign in", "people", body=of_people.SigningIn, answer=say.SIGNED_IN,
          refusals=("sign_in", "slow_down")),
    Route("GET", f"{P}/session", OBSERVER, of_people.session, "Who asks", "people", answer=say.SESSION),
    Route("DELETE", f"{P}/session", OBSERVER, of_people.sign_out, "Sign out", "people", status=204, by_session=True),
    Route("POST", f"{P}/session/password", OBSERVER, of_people.change_password, "Change one's password", "people", body=of_people.NewPassword,
          status=204, by_session=True, refusals=("sign_in", "slow_down", "refused")),
    Route("GET", f"{P}/tokens", OBSERVER, of_people.tokens, "One's own tokens", "people", answer=say.TOKENS),
    Route("POST", f"{P}/tokens", OBSERVER, of_people.new_token, "Make a token", "people", body=of_people.NewToken, answer=say.TOKEN, status=201,
          by_session=True),
    Route("DELETE", f"{P}/tokens/{{token}}", OBSERVER, of_people.end_token, "End a token", "people", status=204, by_session=True),
    Route("GET", f"{P}/people", ADMIN, of_people.people, "All people", "people", answer=say.PEOPLE),
    Route("POST", f"{P}/people", ADMIN, of_people.new_person, "Add somebody", "people", body=of_people.NewPerson, answer=say.PERSON, status=201,
          by_session=True, refusals=("conflict", "refused")),
    Route("PATCH", f"{P}/people/{{person}}", ADMIN, of_people.change_person, "Change somebody", "people", body=of_people.ChangedPerson,
          answer=say.PERSON, by_session=True, refusals=("conflict", "refused")),
)  # fmt: skip
