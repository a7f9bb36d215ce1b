"""Degrading: what comes out depends on the cell, the step of time and the fields left in, and on nothing finer."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seaward.core.errors import ParameterError
from seaward.exchange import bodies as b
from seaward.exchange.degrade import Detail, _plan, degrade, newest_ms, pseudonym
from seaward.exchange.fields import FIELDS, GROUPS, Tells
from seaward.exchange.grid import error_on_grid_m, snap
from tests.exchange.made import BODIES, EVENT, NOW_MS, TRACK

SECRET = b"s" * 32
details = st.builds(
    Detail, st.sampled_from([0, 100, 1_852, 50_000]), st.sampled_from([0, 600]), st.sets(st.sampled_from(sorted(GROUPS))).map(frozenset)
)
lons = st.integers(-180_000_000, 180_000_000)
lats = st.integers(-90_000_000, 90_000_000)


def out(body: b.Body, detail: Detail) -> b.Body:
    return degrade(body, detail, lambda kind, id: None, SECRET)


def test_every_field_of_every_message_that_rules_release_is_in_the_table() -> None:
    for kind, name in b.KINDS.items():
        if name not in b.OF_THE_LINK:
            assert FIELDS[kind].keys() == {*kind.__struct_fields__}, name


def test_a_message_with_a_field_that_the_table_lacks_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FIELDS[b.Track], "cog_ddeg")
    _plan.cache_clear()
    with pytest.raises(ParameterError, match=r"fields\.py"):
        out(TRACK, Detail())


@given(lons, lats, st.sampled_from([100, 1_852, 50_000, 1_000_000]))
def test_a_cell_is_as_wide_as_asked_for_and_its_middle_is_in_it(lon: int, lat: int, precision_m: int) -> None:
    middle = snap(lon, lat, precision_m)
    assert snap(*middle, precision_m) == middle
    assert abs(middle[1] - lat) <= 90_000_000
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    north = snap(middle[0], min(90_000_000, middle[1] + math.ceil(precision_m / 110_000 * 1e6 * 2)), precision_m)
    if north[1] > middle[1]:
        metres = geod.inv(middle[0] / 1e6, middle[1] / 1e6, middle[0] / 1e6, north[1] / 1e6)[2]
        assert metres >= precision_m * 0.999


@given(lons, st.integers(-89_000_000, 89_000_000), st.sampled_from([100, 1_852, 50_000]))
def test_neighbours_to_the_east_are_as_far_apart_as_asked_for(lon: int, lat: int, precision_m: int) -> None:
    here = snap(lon, lat, precision_m)
    step_udeg = precision_m / (111_319.49 * math.cos(math.radians(lat / 1e6))) * 1e6
    there = here
    for n in range(1, 9):
        there = snap((int(here[0] + n * step_udeg / 4) + 180_000_000) % 360_000_000 - 180_000_000, lat, precision_m)
        if there != here:
            break
    apart_deg = ((there[0] - here[0]) / 1e6 + 180) % 360 - 180
    if there != here:
        assert abs(apart_deg) * 111_319.49 * math.cos(math.radians(here[1] / 1e6)) >= 0.99 * precision_m


def test_both_sides_of_the_antimeridian_are_one_place() -> None:
    assert snap(180_000_000, 1_000_000, 1_852) == snap(-180_000_000, 1_000_000, 1_852)


def test_the_error_on_a_grid_by_hand() -> None:
    assert error_on_grid_m(None, 1_200) == 347  # 1200 / sqrt(12) = 346.4
    assert error_on_grid_m(300, 1_200) == 459  # sqrt(300^2 + 346.4^2) = 458.3


def _same_to_the_partner(data: st.DataObject, body: Any, detail: Detail) -> b.Body:
    """Another message that differs only in what the partner may not see."""
    gone = {t for g in detail.without for t in GROUPS[g]}
    changed: dict[str, Any] = {}
    tells = FIELDS[type(body)]
    for field, tell in tells.items():
        value = getattr(body, field)
        if tell is Tells.TIME and value is not None and detail.step_ms:
            changed[field] = value // detail.step_ms * detail.step_ms + data.draw(st.integers(0, detail.step_ms - 1))
        elif tell is Tells.LEGS:
            changed[field] = tuple(_same_to_the_partner(data, leg, detail) for leg in value)
        elif value is not None and (tell in gone or (detail.precision_m and tell in (Tells.TEXT, Tells.PLACES, Tells.EVIDENCE))):
            if isinstance(value, tuple):
                changed[field] = ()
            elif isinstance(value, str):
                changed[field] = data.draw(st.text(max_size=5))
            else:
                changed[field] = data.draw(st.integers(1, 200))
        elif tell is Tells.REASONS and detail.precision_m:
            changed[field] = tuple(b.Reason(r.code, (("x", data.draw(st.floats(0, 9))),)) for r in value)
        elif tell is Tells.SPEED and detail.precision_m and value is not None:
            changed[field] = max(0, (value + 5) // 10 * 10 + data.draw(st.integers(-5, 4)))
    if detail.precision_m:
        pairs = [(f, g) for f, g in zip(tells, list(tells)[1:], strict=False) if tells[f] is Tells.LON and getattr(body, f) is not None]
        for lon, lat in pairs:
            x, y = getattr(body, lon), getattr(body, lat)
            nearby = detail.precision_m * 9
            moved = max(-90_000_000, min(90_000_000, y + data.draw(st.integers(-nearby, nearby))))
            across = (x + data.draw(st.integers(-nearby, nearby)) + 180_000_000) % 360_000_000 - 180_000_000
            if snap(across, moved, detail.precision_m) == snap(x, y, detail.precision_m):
                changed[lon], changed[lat] = across, moved
    return msgspec.structs.replace(body, **changed)


@given(st.data(), st.sampled_from(BODIES), details, lons, st.integers(-89_000_000, 89_000_000))
def test_whatever_differs_below_what_is_granted_makes_no_difference_to_what_leaves(data: Any, body: Any, detail: Detail, lon: int, lat: int) -> None:
    if "lon_udeg" in body.__struct_fields__:
        body = msgspec.structs.replace(body, lon_udeg=lon, lat_udeg=lat)
    other = _same_to_the_partner(data, body, detail)
    assert out(body, detail) == out(other, detail)


@given(st.sampled_from(BODIES), details)
def test_what_leaves_is_a_message_that_the_wire_takes(body: b.Body, detail: Detail) -> None:
    packed = msgspec.msgpack.encode(out(body, detail))
    assert msgspec.msgpack.decode(packed, type=b.AnyBody) == out(body, detail)


@given(st.sampled_from(BODIES), details)
def test_degrading_twice_is_degrading_once_but_for_names_and_the_error(body: b.Body, detail: Detail) -> None:
    def settled(m: Any) -> Any:
        keep = {f: None for f, t in FIELDS[type(m)].items() if t in (Tells.REFERENCE, Tells.ERROR)}
        return msgspec.structs.replace(m, **keep)

    once = out(body, detail)
    assert settled(out(once, detail)) == settled(once)


def test_a_grid_takes_a_step_of_time_with_it_or_crossings_would_tell_the_place() -> None:
    assert Detail(precision_m=1_852).step_ms == 371_000  # 1852 m at 5 m/s
    assert Detail(precision_m=1_852, round_s=600).step_ms == 600_000


def test_a_reference_goes_under_the_name_that_the_object_was_released_under() -> None:
    alert = b.Alert("e1", "gap", "alarm", "new", NOW_MS, None, None, None, None, None)
    assert degrade(alert, Detail(), lambda kind, id: {("event", "e1"): "~abc"}.get((kind, id)), SECRET) == msgspec.structs.replace(
        alert, event_id="~abc"
    )
    assert out(alert, Detail()) == msgspec.structs.replace(alert, event_id=pseudonym("event", "e1", SECRET))


def test_half_a_position_is_none() -> None:
    alert = b.Alert(None, "gap", "alarm", "new", NOW_MS, 5, None, None, None, None)
    left: Any = out(alert, Detail(precision_m=1_000))
    assert left.lon_udeg is None and left.lat_udeg is None


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_pseudonyms_tell_objects_and_partners_apart(one: str, other: str) -> None:
    assume(one != other)
    assert pseudonym("event", one, SECRET) == pseudonym("event", one, SECRET)
    assert (
        len({pseudonym("event", one, SECRET), pseudonym("event", other, SECRET), pseudonym("event", one, b"t" * 32), pseudonym("track", one, SECRET)})
        == 4
    )


def test_the_newest_moment_of_a_message() -> None:
    assert newest_ms(EVENT) == EVENT.end_ms
    assert newest_ms(b.Withdrawal("event", "withdrawn")) == 0


@pytest.mark.parametrize("wrong", [{"precision_m": -1}, {"round_s": -1}, {"without": frozenset({"names"})}])
def test_a_detail_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        Detail(**wrong)
