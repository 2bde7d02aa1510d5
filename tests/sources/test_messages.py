"""Messages of any transport become a batch: their own fields, and what their transport says of them."""

import datetime as dt

import pyarrow as pa
import pytest

from sources.batch import PUSHED, TIME_TYPE, Gap
from sources.errors import BadSettings
from sources.messages import Message, MessageDecoder


def test_fields_of_the_transport_stand_beside_the_messages_own() -> None:
    batch = MessageDecoder().batch(
        [
            Message(b'{"n": 1}', 1_000_000, {"topic": "a", "_qos": 1}),
            Message(b'[{"n": 2}, {"n": 3}]', 2_000_000, {"topic": "b"}, "topic b"),
            Message(b"\xff\xfe\x00", 3_000_000, {"topic": "c"}, "topic c"),
        ],
        gaps=(Gap(0, 1, 2, "why"),),
        lag={"0": 4},
    )
    assert batch.table["n"].to_pylist() == [1, 2, 3]
    assert batch.table["topic"].to_pylist() == ["a", "b", "b"]
    assert batch.table["_qos"].to_pylist() == [1, None, None]
    assert batch.table.schema.field("_timestamp").type == TIME_TYPE
    assert batch.table["_timestamp"].to_pylist()[2] == dt.datetime(1970, 1, 1, 0, 0, 2, tzinfo=dt.UTC)
    assert batch.malformed == 1
    assert [each.where for each in batch.samples] == ["topic c"]
    assert batch.gaps[0].lost == 2
    assert batch.lag == {"0": 4}
    assert batch.delivery is PUSHED
    assert batch.reading


def test_a_field_of_the_message_wins_over_one_of_the_transport() -> None:
    batch = MessageDecoder().batch([Message(b'{"topic": "mine"}', 0, {"topic": "theirs"})])
    assert batch.table["topic"].to_pylist() == ["mine"]


def test_no_message_is_no_row_but_gaps_are_told() -> None:
    batch = MessageDecoder().batch([], gaps=(Gap(0, 1, None, "why"),))
    assert len(batch) == 0
    assert batch.gaps


def test_only_tombstones_have_rows_all_the_same() -> None:
    batch = MessageDecoder().batch([Message(None, 5, {"topic": "a"})])
    assert batch.table.num_rows == 1
    assert batch.table["topic"].to_pylist() == ["a"]


def test_a_format_that_is_none_is_refused() -> None:
    with pytest.raises(BadSettings):
        MessageDecoder("xml")


def test_columns_have_the_types_that_a_batch_may_have() -> None:
    batch = MessageDecoder().batch([Message(b"1.5", 0, {"a": 1, "b": "x", "c": 0.5, "d": True})])
    kinds = {each.type for each in batch.table.schema}
    assert kinds <= {pa.int64(), pa.float64(), pa.string(), pa.bool_(), TIME_TYPE}
