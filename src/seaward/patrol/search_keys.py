"""The keys of a file that asks for a search, and of a record of what was searched: one place for reading, checking and the docs."""

from __future__ import annotations

from seaward.patrol.keys import Key
from seaward.patrol.leeway import BY_ID, JIBES_PER_H

ROOT = (
    Key("format", "choice", True, choices=("search/1",), meaning="of the file"),
    Key("realm", "text", True, meaning="ops, or ex:<drill id>"),
    Key("title", "text", default="", meaning="shown on the page"),
    Key("seed", "whole", True, low=0, high=2**53, meaning="of the drifts and of choices on the way"),
)
SEARCH = (
    Key("start", "moment", True, meaning="when the search is planned from"),
    Key("hours", "number", True, low=1, high=120, unit="h", meaning="how long it lasts; every asset is home by then"),
    Key("sea_state", "whole", default=3, low=0, high=9, meaning="Douglas scale, for the whole time"),
    Key("drifts", "whole", default=3_000, low=200, high=20_000, meaning="possible drifts that are drawn"),
    Key("cell_deg", "number", low=0.02, high=1, unit="degree", meaning="side of a sub area; by default as fits the map"),
    Key("map_h", "number", default=2.0, low=0.25, high=24, unit="h", meaning="time after which the map is drawn anew"),
    Key("rounds", "whole", default=60, low=0, high=5_000, meaning="times that assets are sent anew"),
)
_ERROR = "one sigma along each axis"
WIND = (
    Key("kn", "number", low=0, high=150, unit="kn", meaning="speed at 10 m, everywhere and always"),
    Key("from_deg", "number", low=0, high=360, unit="degree", meaning="where it comes from"),
    Key("file", "text", meaning="CSV or Parquet: at, lon_deg, lat_deg, east_kn, north_kn (where it blows to), a full grid"),
    Key("error_kn", "number", default=5.0, low=0, high=50, unit="kn", meaning=_ERROR),
    Key("memory_h", "number", default=6.0, low=0.25, high=240, unit="h", meaning="time after which the error is another; ours"),
)
CURRENT = (
    Key("kn", "number", low=0, high=15, unit="kn", meaning="drift, everywhere and always"),
    Key("to_deg", "number", low=0, high=360, unit="degree", meaning="set: where it goes"),
    Key("file", "text", meaning="CSV or Parquet: at, lon_deg, lat_deg, east_kn, north_kn, a full grid"),
    Key("error_kn", "number", default=0.5, low=0, high=10, unit="kn", meaning=_ERROR),
    Key("memory_h", "number", default=6.0, low=0.25, high=240, unit="h", meaning="time after which the error is another; ours"),
)
WINDS = (
    Key("at", "moment", True, meaning="when"),
    Key("kn", "number", True, low=0, high=150, unit="kn", meaning="speed at 10 m"),
    Key("from_deg", "number", True, low=0, high=360, unit="degree", meaning="where it comes from"),
)
CURRENTS = (
    Key("at", "moment", True, meaning="when"),
    Key("kn", "number", True, low=0, high=15, unit="kn", meaning="drift"),
    Key("to_deg", "number", True, low=0, high=360, unit="degree", meaning="set: where it goes"),
)
LOST = (
    Key("id", "id", True, meaning="of this way it may have been"),
    Key("object", "choice", True, choices=tuple(BY_ID), meaning="what is adrift"),
    Key("weight", "number", default=1.0, low=1e-6, high=1e6, meaning="how likely beside the other ways"),
    Key("at", "moment", True, meaning="when last known; the distress began then, or after it"),
    Key("until", "moment", meaning="when the distress had begun at the latest"),
    Key("place", "place", True, meaning="longitude, latitude [degree] at that time"),
    Key("to", "place", meaning="where it would have been at `until`, on a straight track"),
    Key("error_nm", "number", default=1.0, low=0, high=200, unit="nm", meaning="of the place, one sigma along each axis"),
    Key("seen", "number", default=1.0, low=0.01, high=10, meaning="how far it is seen, beside the sweep widths of assets"),
    Key("jibes_per_h", "number", default=JIBES_PER_H, low=0, high=10, meaning="how often it changes from one side of downwind to the other"),
)
PATTERN = Key("pattern", "choice", default="auto", choices=("auto", "PS", "CS", "SS", "VS"), meaning="pattern it searches by")
RECORD = (
    Key("format", "choice", True, choices=("searched/1",), meaning="of the file"),
    Key("realm", "text", True, meaning="as in the search"),
)
SEARCHED = (
    Key("asset", "text", default="", meaning="who searched"),
    Key("start", "moment", True, meaning="when it began"),
    Key("end", "moment", True, meaning="when it ended"),
    Key("box", "box", True, meaning="west, south, east, north [degree] of what was searched"),
    Key("coverage", "number", low=0, high=20, meaning="sweep width x length of tracks / area; or give the next two"),
    Key("sweep_nm", "number", low=0, high=200, unit="nm", meaning="sweep width as it was"),
    Key("track_nm", "number", low=0, high=100_000, unit="nm", meaning="length of the tracks within the box"),
)
