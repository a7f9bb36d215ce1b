"""A review that never was: two cells, one sensor each and one of both, some things found and some missed; the same each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2027, 11, 4, 0, 0, tzinfo=UTC)
KINDS = ("gap", "encounter", "fishing", "dark_contact", "area", "identity", "position", "loitering")
STAGES = ("onset", "observable", "opened", "acknowledged", "shared", "tasked", "on_scene")


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def both(en: str, es: str) -> dict[str, str]:
    return {"en": en, "es": es}


def truth_of(n: int) -> dict[str, Any]:
    """One thing that happened; each third is missed by one cell, each ninth by both, each fifth is shared and answered."""
    begun = 30 + n * 61 % 1_150
    seen = begun + 4 + n * 13 % 50
    played = n % 5 == 0

    def found(lag: int) -> dict[str, Any]:
        moments = [begun, seen, seen + lag, *((seen + lag + d for d in (6, 11, 25, 95)) if played else (None,) * 4)]
        return {
            "event_id": f"e{n}-{lag}",
            "opened_at": at(seen + lag),
            "probability": 0.5 + (n % 50) / 100,
            "chain": [{"stage": s, "at": None if m is None else at(m)} for s, m in zip(STAGES, moments, strict=True)],
        }

    pe, us = (None if n % 3 == 1 else found(9 + n * 7 % 80)), (None if n % 9 in (2, 4) else found(15 + n * 11 % 90))
    why = {
        c: ("review.missed.not_seen", "review.missed.one_sided", "review.missed.not_raised")[n % 3]
        for c, f in (("pe_watch", pe), ("us_watch", us))
        if not f
    }
    return {
        "id": f"t{n:04d}",
        "kind": KINDS[n % len(KINDS)],
        "start": at(begun),
        "end": at(begun + 40 + n * 17 % 200),
        "actors": [f"jig{n:02d}"],
        "names": [f"MAR AZUL {n} (EX)"],
        "intent": ("illegal_fishing", "transfer", "none", "distress")[n % 4],
        "lon_deg": -79.1 - (n * 37 % 100) / 40,
        "lat_deg": -11.0 - (n * 53 % 100) / 30,
        "areas": ["Reserva del ejercicio"] if n % 4 == 0 else [],
        "observable": {"coast": at(seen) if n % 3 else None, "sar_pe": at(seen + 30) if n % 2 else None, "vms": at(seen + 8) if n % 4 == 1 else None},
        "found": {"pe_watch": pe, "us_watch": us},
        "missed_why": why,
    }


def event_of(n: int) -> dict[str, Any]:
    return {
        "cell": ("pe_watch", "us_watch")[n % 2],
        "event_id": f"f{n:05d}",
        "kind": KINDS[n * 3 % len(KINDS)],
        "start": at(n * 7 % 1_200),
        "end": at(n * 7 % 1_200 + 90),
        "opened_at": at(n * 7 % 1_200 + 100),
        "names": [f"BOTE {n} (EX)"],
        "vessel_ids": [f"mmsi:{100_000_000 + n}"],
        "lon_deg": -78.4 - (n * 29 % 100) / 50,
        "lat_deg": -11.2 - (n * 31 % 100) / 40,
        "probability": None if n % 4 == 0 else (n % 20) / 20,
        "truth": f"t{n:04d}" if n % 3 else None,
        "is_repeat": n % 9 == 1,
        "false_why": ("review.false.lawful", "review.false.sensor")[n % 2] if n % 3 == 0 else None,
    }


def review_of(truths: int = 14, events: int = 24) -> dict[str, Any]:
    """A whole review with so many truths and events."""
    cells = ("pe_watch", "us_watch")
    return {
        "realm": "ex:pacifico-27",
        "exercise": {"id": "PACIFICO-27", "title": both("Joint closed-area and rescue drill", "Ejercicio combinado de área vedada y rescate")},
        "seaward": "0.1.0",
        "seed": 20271104,
        "scenario_sha256": "ab12" * 16,
        "truth_digest": "cd34" * 16,
        "recording": {"file": "ex-pacifico-27.recording.zst", "records": 12_345, "is_whole": True, "problem": ""},
        "clock": {"start": at(0), "end": at(1_439), "cadence_s": 1800},
        "cells": [
            {"id": "pe_watch", "role": "player", "lang": "es", "sees": ["coast", "vms", "sar_pe"]},
            {"id": "us_watch", "role": "player", "lang": "en", "sees": ["sar_pe"]},
            {"id": "excon", "role": "control", "lang": "en", "sees": ["truth"]},
        ],
        "objectives": [
            {
                "id": "O1",
                "text": both("Open a case on the dark jigger within an hour", "Abrir un caso sobre el potero oscuro en una hora"),
                "measure": "time_to_detect",
                "of": ["jig07"],
                "unit": "s",
                "target": 3600,
                "limit": 7200,
                "result": 2400,
                "n": 1,
                "censored": 0,
                "interval": None,
                "rating": "P",
                "why": None,
                "cell": "pe_watch",
            },
            {
                "id": "O2",
                "text": both("Find what enters the closed area", "Hallar lo que entra en el área vedada"),
                "measure": "recall",
                "of": ["area"],
                "unit": "share",
                "target": 0.9,
                "limit": 0.7,
                "result": 0.75,
                "n": 12,
                "censored": 3,
                "interval": [0.47, 0.91],
                "rating": "M",
                "why": None,
                "cell": "us_watch",
            },
            {
                "id": "O3",
                "text": both("Raise few false cases", "Levantar pocos casos falsos"),
                "measure": "false_cases_per_day",
                "of": [],
                "unit": "per_day",
                "target": 2,
                "limit": 5,
                "result": 8.0,
                "n": 8,
                "censored": 0,
                "interval": [3.5, 15.8],
                "rating": "U",
                "why": None,
                "cell": "pe_watch",
            },
            {
                "id": "O4",
                "text": both("Share within a quarter of an hour", "Compartir en un cuarto de hora"),
                "measure": "time_to_share",
                "of": [],
                "unit": "s",
                "target": 900,
                "limit": 1800,
                "result": None,
                "n": 0,
                "censored": 0,
                "interval": None,
                "rating": None,
                "why": "review.why.nothing_to_measure",
                "cell": "pe_watch",
            },
        ],
        "truths": [truth_of(n) for n in range(truths)],
        "events": [event_of(n) for n in range(events)],
        "scores": [
            {
                "cell": c,
                "kind": k,
                "truths": 4,
                "events": 5,
                "hits": 3,
                "repeats": 1,
                "false": 1,
                "precision": 0.75,
                "precision_low": 0.3,
                "precision_high": 0.95,
                "recall": 0.75,
                "recall_low": 0.3,
                "recall_high": 0.95,
                "delay_median_s": 2_460,
                "delay_low_s": 1_560,
                "delay_high_s": None if k == "area" else 4_620,
                "brier": 0.143 if k == "gap" else None,
                "few": True,
            }
            for c in cells
            for k in ("gap", "encounter", "area")
        ]
        if truths
        else [],
        "picture": [
            {
                "cell": c,
                "at": at(30 * k),
                "gospa_m": 900 + 300 * (k % 7) + 40 * k,
                "localisation_m": None if k in (9, 10) else 80 + 5 * (k % 5),
                "missed": k % 6,
                "false": k % 4,
                "completeness": 0.95 - 0.02 * (k % 9),
                "ambiguity": 1.0 + 0.01 * (k % 5),
            }
            for c in cells
            for k in range(48)
        ]
        if truths
        else [],
        "tracks": [
            {
                "actor": f"jig{n:02d}",
                "kind": "squid_jigger",
                "points": [[-77.3 - 0.12 * k, -12.0 + 0.35 * ((n + k) % 5) - 0.2 * n / 3, 900 * k] for k in range(24)],
            }
            for n in range(5)
        ]
        if truths
        else [],
        "injects": [
            {
                "id": "I1",
                "at": at(90),
                "to": ["pe_watch"],
                "by": "phone",
                "text": both("A fisherman reports lights inside the closed area.", "Un pescador reporta luces dentro del área vedada."),
                "expect": {"action": "open_case", "within_s": 600},
                "objective": "O1",
                "outcome": "no_player",
            },
            {
                "id": "I2",
                "at": None,
                "to": ["pe_watch", "us_watch"],
                "by": "notice",
                "text": both("A notice to shipping.", "Un aviso a los navegantes."),
                "expect": None,
                "objective": "O2",
                "outcome": "held",
            },
        ]
        if truths
        else [],
        "outages": [{"sensor": "coast", "station": "CALLAO", "from": at(200), "to": at(290)}] if truths else [],
        "improvements": [
            {"finding": both("No radar covers the south of the closed area.", "Ningún radar cubre el sur del área vedada."), "owner": "", "due": ""}
        ]
        if truths
        else [],
        "not_simulated": ["review.not_simulated.radio", "review.not_simulated.people", "review.not_simulated.made_up_code"],
    }
