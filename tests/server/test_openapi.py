"""The document of the API is right, and what is made from it - sense and nonsense - never makes the server fail."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from seaward.server.floor import Floor
from seaward.server.openapi import openapi
from seaward.server.serving import Serving
from seaward.server.table import ROUTES
from tests.server.floor import event, open_floor
from tests.server.test_alerts import raised

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance, negative_data_rejection, 
          unsupported_method, ignored_auth]  # fmt: skip
DOCUMENT = openapi(ROUTES)
FUZZED = [(r.method, r.path) for r in ROUTES if not r.streams and r.path.startswith("/api/v1")]

ROUTE = {(r.method, r.path): r for r in ROUTES}


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


ODD_CURSORS = (cursor("[" * 1_400), cursor('[1,"\\ud800"]'), cursor('["\\ud800"]'), cursor("[1e999]"), cursor("[-9223372036854775809]"),
               cursor("[" + "9" * 1_300 + "]"), cursor('[1,"\\u0000"]'), cursor("[true]"), cursor("[0,\"\",0]"), "ñ", "=", "")  # fmt: skip
ODD_MOMENTS = ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2027-01-01",
               "2027-11-04T12:00:00+00:00:00.000001", "")  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Floor, Serving, str]]:
    with open_floor(Path(tmp_path_factory.mktemp("fuzz"))) as (floor, server):
        floor.node.state.record_events(event(), floor.now())
        raised((floor, server), "f1", "f2")
        person = floor.node.state.person("admin")
        assert person is not None
        yield floor, server, floor.sign_in.make_token(person, "admin", "fuzz", 36_000, "test")[0]
        assert floor.node.state.problems() == []


def known(floor: Floor, name: str, which: int) -> str:
    """The name of something that the node has."""
    if name == "alert_id":
        return floor.node.state.alerts()["alert_id"].sort()[which]
    return {"event_id": "e1", "vessel_id": "mmsi:760000001", "feed": "coast", "person": "robot", "name": "iuu", "silence_id": "1"}.get(name, "x")


def fuzz(fuzzed: tuple[Floor, Serving, str], method: str, path: str, examples: int) -> None:
    floor, server, token = fuzzed
    wanted = {"expected-statuses": ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429", "431"]}
    config = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": wanted}})
    schema = schemathesis.openapi.from_dict(DOCUMENT, config=config)
    schema.config.update(base_url=server.url)
    operation = schema[path][method]
    sense = st.tuples(operation.as_strategy(), st.sampled_from([None, 0, 1]))
    odd = st.tuples(operation.as_strategy(), st.sampled_from([0, 1]), st.sampled_from(ODD_CURSORS), st.sampled_from(ODD_MOMENTS))
    nonsense = st.tuples(operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE), st.none())

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
    @given(made=st.one_of(sense, nonsense))
    def asked(made: tuple[Any, int | None]) -> None:
        case, which = made
        for name in (case.path_parameters or {}) if which is not None else ():
            case.path_parameters[name] = known(floor, name, which)
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    asked()

    params, body = {p.name: p.kind for p in ROUTE[method, path].all_params}, ROUTE[method, path].body
    if not ("cursor" in params or "moment" in params.values() or "until" in getattr(body, "__struct_fields__", ())):
        return

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
    @given(made=odd)
    def oddly(made: tuple[Any, int, str, str]) -> None:
        case, which, cursor, moment = made
        for name in case.path_parameters or {}:
            case.path_parameters[name] = known(floor, name, which)
        case.query = {**(case.query or {}), **{n: cursor if n == "cursor" else moment for n, k in params.items() if n == "cursor" or k == "moment"}}
        if isinstance(case.body, dict) and "until" in getattr(body, "__struct_fields__", ()):
            case.body["until"] = moment
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=[not_a_server_error])

    oddly()


@pytest.mark.parametrize(("method", "path"), FUZZED, ids=[f"{m} {p}" for m, p in FUZZED])
def test_no_request_made_from_the_document_makes_the_server_fail(fuzzed: tuple[Floor, Serving, str], method: str, path: str) -> None:
    fuzz(fuzzed, method, path, 20)


@pytest.mark.soak
@pytest.mark.parametrize(("method", "path"), FUZZED, ids=[f"{m} {p}" for m, p in FUZZED])
def test_no_request_of_very_many_makes_the_server_fail(fuzzed: tuple[Floor, Serving, str], method: str, path: str) -> None:
    fuzz(fuzzed, method, path, 3_000)


def test_the_document_is_one_of_openapi_3_1_and_names_every_route_once() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert {(m.upper(), p) for p, ops in DOCUMENT["paths"].items() for m in ops} == {(r.method, r.path) for r in ROUTES}
    names = [op["operationId"] for ops in DOCUMENT["paths"].values() for op in ops.values()]
    assert len(set(names)) == len(names)
    for ops in DOCUMENT["paths"].values():
        for op in ops.values():
            assert op["description"] and op["summary"] and op["x-role"]
            for response in op["responses"].values():
                for content in response.get("content", {}).values():
                    jsonschema.Draft202012Validator.check_schema(content["schema"])


def test_the_server_gives_the_document_to_anybody(fuzzed: tuple[Floor, Serving, str]) -> None:
    assert httpx.get(f"{fuzzed[1].url}/api/v1/openapi.json").json() == json.loads(json.dumps(DOCUMENT))


@pytest.mark.parametrize("path", [r.path for r in ROUTES if r.paged], ids=str)
@pytest.mark.parametrize("odd", range(len(ODD_CURSORS)))
def test_a_cursor_that_no_page_gave_is_refused_as_one(fuzzed: tuple[Floor, Serving, str], path: str, odd: int) -> None:
    _, server, token = fuzzed
    path = path.replace("{vessel_id}", "mmsi:760000001")
    answer = httpx.get(f"{server.url}{path}", params={"cursor": ODD_CURSORS[odd]}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (200, 400) and (odd not in (0, 1, 2) or answer.json()["code"] == "bad_cursor"), answer.text


@pytest.mark.parametrize("moment", ODD_MOMENTS)
def test_a_moment_at_the_ends_of_time_is_refused_or_taken(fuzzed: tuple[Floor, Serving, str], moment: str) -> None:
    floor, server, token = fuzzed
    head = {"Authorization": f"Bearer {token}"}
    for route in ROUTES:
        asked = {p.name: moment for p in route.all_params if p.kind == "moment"}
        if asked and not route.streams:
            url = f"{server.url}{route.path.replace('{vessel_id}', 'mmsi:760000001')}"
            for query in (asked, *({n: m} for n, m in asked.items())):
                assert httpx.get(url, params=query, headers=head).status_code in (200, 400), (url, query)
    answer = httpx.post(f"{server.url}/api/v1/silences", json={"why": "x", "kind": "gap", "until": moment}, headers=head)
    assert answer.status_code == 422, answer.text
    name = known(floor, "alert_id", 0)
    etag = httpx.get(f"{server.url}/api/v1/alerts/{name}", headers=head).headers["ETag"]
    answer = httpx.post(f"{server.url}/api/v1/alerts/{name}/silence", json={"why": "x", "until": moment}, headers=head | {"If-Match": etag})
    assert answer.status_code == 422, answer.text
