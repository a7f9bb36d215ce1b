"""Labels: read, refused, packed, and the schema that other software checks against."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import InputError
from seaward.exchange.label import Label, LabelRow, label_json, label_of, label_schema, labels_hash, read_label, row_of
from tests.exchange.made import LABEL, label, labels

GOOD = json.loads(label_json(LABEL))


@given(labels)
def test_a_label_comes_back_from_json_and_from_its_row(given_label: Label) -> None:
    assert read_label(label_json(given_label)) == given_label
    packed = msgspec.msgpack.encode(row_of(given_label))
    assert label_of(msgspec.msgpack.decode(packed, type=LabelRow)) == given_label


def test_the_schema_in_the_package_is_that_of_the_code() -> None:
    said = json.loads(files("seaward.exchange").joinpath("label.schema.json").read_text(encoding="utf-8"))
    assert said == json.loads(json.dumps(label_schema()))


WRONG = [
    {"level": "SECRET"}, {"tlp": "WHITE"}, {"owner": "Peru"}, {"owner": "PER\n"}, {"rel": ["usa"]}, {"policy": ""}, {"policy": "a b"},
    {"policy": "x\n"},    {"lei": 1}, {"handling": {"precision_m": -1}}, {"handling": {"precision": 5}},
    {"scope": [{"operation": "op-1"}]}, {"colour": "red"},
]  # fmt: skip


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_what_the_schema_refuses_is_refused_and_the_other_way_round(change: dict[str, object]) -> None:
    jsonschema.validate(GOOD, label_schema())
    wrong = GOOD | change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, label_schema())
    with pytest.raises(InputError, match=r"label\.schema\.json"):
        read_label(json.dumps(wrong))


@pytest.mark.parametrize("rel", [["USA", "ECU"], ["USA", "USA"]])
def test_nations_out_of_order_or_named_twice_are_refused_so_that_equal_labels_have_equal_hashes(rel: list[str]) -> None:
    with pytest.raises(InputError, match="alphabetical order"):
        read_label(json.dumps(GOOD | {"rel": rel}))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(InputError):
        read_label(json.dumps(GOOD | {"handling": {"hold_until": "2027-01-01T00:00:00"}}))


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_a_label_or_an_error_that_says_so(data: bytes) -> None:
    with pytest.raises(InputError):
        read_label(data)


def test_a_hash_binds_every_field_and_the_order() -> None:
    other = label(lei=True)
    assert len({labels_hash([LABEL]), labels_hash([other]), labels_hash([LABEL, other]), labels_hash([other, LABEL])}) == 4
