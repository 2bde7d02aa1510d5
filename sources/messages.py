"""From messages of any transport to a batch: the message's own fields, and what came with it under names of the transport."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from sources.batch import NO_ROWS, PUSHED, TIME_TYPE, Batch, Delivery, Gap, Malformed
from sources.columns import columns_of
from sources.decode import Decoder
from sources.formats.format import Format
from sources.formats.names import AUTO

RECORD_TIME = "_timestamp"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came.

    value   its bytes; None for one that has none
    at_us   when the transport says that it was sent or, where it does not say, when it came: microseconds since the epoch
    fields  what the transport says of it besides, name → text or number; names of its own begin with RESERVED, so that
            they are no field of the message
    where   where it stood, for those who look for a malformed one
    """

    value: bytes | None
    at_us: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""


class MessageDecoder:
    """Makes batches of messages. Remembers how they are written."""

    def __init__(self, format: str = AUTO, more: Sequence[Format] = ()) -> None:  # noqa: A002 - as in the link
        """See Decoder. Raises BadSettings if there is no such format."""
        self._decoder = Decoder(format, more)

    def batch(
        self,
        messages: Sequence[Message],
        *,
        gaps: tuple[Gap, ...] = (),
        lag: Mapping[str, int] | None = None,
        delivery: Delivery = PUSHED,
    ) -> Batch:
        """One batch of messages in their order, with `_timestamp` and their transport's fields as columns.

        A field of the message wins over one of the transport that has its name.
        """
        lag = lag or {}
        if not messages:
            return Batch(NO_ROWS, time.time(), lag=lag, gaps=gaps, delivery=delivery, reading=self._decoder.reading)
        decoded = self._decoder.decode([each.value for each in messages])
        carried = columns_of([dict(each.fields) for each in messages])
        carried[RECORD_TIME] = pa.array([each.at_us for each in messages], pa.int64()).cast(TIME_TYPE)
        if not np.array_equal(decoded.rows, np.arange(len(messages))):
            rows = pa.array(decoded.rows)
            carried = {name: column.take(rows) for name, column in carried.items()}
        return Batch(
            pa.table(carried | decoded.columns),
            time.time(),
            decoded.malformed,
            tuple(Malformed(reason, messages[index].where, sample) for index, reason, sample in decoded.samples),
            lag,
            self._decoder.reading,
            gaps=gaps,
            delivery=delivery,
        )
