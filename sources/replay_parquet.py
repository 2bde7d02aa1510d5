"""Parquet files as feeds: our recordings as they were published, anybody else's in the types that events have here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.batch import NO_ROWS, TIME, TIME_TYPE, Malformed, Note, Reading
from sources.errors import BadSettings
from sources.pieces import PIECE_BYTES
from sources.recording import BUFFER_BYTES, Header, read_header, read_tables
from sources.replay_columns import bytes_of, on_calendar, plain_columns
from sources.replay_part import Origin, Piece

ROWS = 8192
CELLS = 2_000_000
"""A piece is of so many rows, or cells, at most."""
MOST_LISTED = 20_000_000
"""A row group's lists hold at most so many values: all of them may be in one row, and a few bytes may stand for them."""


class ParquetPart:
    """One Parquet file. See `sources.replay_part.Part`."""

    def __init__(self, file: BinaryIO, name: str, zone: str = "") -> None:
        """Read what it says of itself. Raises BadSettings for what is damaged, too new, or takes memory without bound.

        file  opened; it is closed with this part
        name  for messages
        zone  of timestamps that have none, in files that are no recordings; "" for UTC
        """
        self._file, self._name, self._zone = file, name, zone
        header = self._header = read_header(file)
        with self._readable():
            file.seek(0)
            metadata = self._metadata = pq.read_metadata(file)
        self._rows = max(1, metadata.num_rows)
        self.notes: tuple[Note, ...] = header.notes if header else ()
        self.origin = Origin(header.time_field, header.time_why) if header else None
        if header is not None:
            self.reading = Reading("recording", _told(header))
            return
        self.reading = Reading(
            "parquet", f"a Parquet file of {metadata.num_columns:,} columns and {metadata.num_rows:,} rows"
        )
        listed = max(map(_listed, map(metadata.row_group, range(metadata.num_row_groups))), default=0)
        if listed > MOST_LISTED:
            raise BadSettings(
                "recording",
                f"{name} has lists of {listed:,} values in one row group, which are too many to read here: "
                f"write it with row groups of {MOST_LISTED:,} at most",
            )

    def pieces(self) -> Iterator[Piece]:
        """See Part."""
        if self._header is None:
            yield from self._foreign(range(self._metadata.num_row_groups))
            return
        seen = 0
        for table in read_tables(self._file):
            seen += len(table)
            for at, field in enumerate(table.schema):
                if field.type == TIME_TYPE and field.name != TIME:
                    table = table.set_column(at, field.name, on_calendar(table[field.name]))  # noqa: PLW2901 - mended
            yield Piece(table, min(1.0, seen / self._rows))

    def tail(self) -> pa.Table | None:
        """See Part."""
        if self._header is not None:
            return pa.table({TIME: pa.array([self._header.to_us]).cast(pa.timestamp("us", "UTC"))})
        last = NO_ROWS
        for piece in self._foreign(range(self._metadata.num_row_groups)[-1:]):
            last = piece.table
        return last

    def close(self) -> None:
        """See Part."""
        self._file.close()

    def _foreign(self, groups: range) -> Iterator[Piece]:
        seen = 0
        schema = self._metadata.schema
        leaves = [schema.column(at) for at in range(self._metadata.num_columns)]
        texts = [leaf for leaf in leaves if leaf.physical_type == "BYTE_ARRAY" and leaf.logical_type.type != "DECIMAL"]
        # Within lists texts stay dictionaries until they are cut. Elsewhere not: dictionaries of a group's many texts add up.
        listed = [leaf.path for leaf in texts if leaf.max_repetition_level]
        with self._readable():
            file, look = self._reader(listed), self._reader([leaf.path for leaf in texts])
            for group in groups:
                rows = self._rows_at_once(look, group)
                for batch in file.iter_batches(rows, row_groups=[group], use_threads=False):
                    for few in _bounded(batch):
                        first, seen = seen, seen + len(few)
                        yield self._piece(few, first)

    def _reader(self, dictionaries: list[str]) -> pq.ParquetFile:
        return pq.ParquetFile(
            self._file,
            read_dictionary=dictionaries,
            pre_buffer=False,
            buffer_size=BUFFER_BYTES,
            page_checksum_verification=True,
        )

    def _rows_at_once(self, look: pq.ParquetFile, group: int) -> int:
        """So many that they hold about PIECE_BYTES, were each the longest text that stands for many, and CELLS cells at most.

        look  reads texts as dictionaries: with its first row come all that a column chunk has
        """
        first = next(look.iter_batches(1, row_groups=[group], use_threads=False), None)
        longest = sum(map(_longest, first.columns)) if first is not None else 0
        columns = int(self._metadata.num_columns)
        return max(1, min(ROWS, CELLS // max(1, columns), PIECE_BYTES // max(1, longest)))

    def _piece(self, rows: pa.RecordBatch, first: int) -> Piece:
        share = min(1.0, (first + len(rows)) / self._rows)
        where = f"{self._name}, row {first + 1:,}"
        size = _size(rows)
        if size > PIECE_BYTES:
            return Piece(NO_ROWS, share, 1, (Malformed(f"too much for one row: {size:,} bytes", where),))
        try:
            return Piece(plain_columns(pa.Table.from_batches([rows]), self._zone), share)
        except (ValueError, RecursionError, OverflowError) as error:  # an ArrowInvalid is a ValueError
            reason = f"values that can't be kept: {' '.join(str(error).split())[:100]}"
            return Piece(NO_ROWS, share, len(rows), (Malformed(reason, where),))

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, MemoryError) as error:
            told = " ".join(str(error).split())[:120]
            raise BadSettings(
                "recording", f"{self._name} can't be read: it is cut short or damaged ({told}): choose another"
            ) from None


def _told(header: Header) -> str:
    made = datetime.fromtimestamp(header.made_us / 1e6, UTC) if 0 <= header.made_us < 2**53 else None
    of = f"a recording of {header.title or header.source or 'a feed'}"
    when = f", made {made:%Y-%m-%d %H:%M} UTC" if made else ""
    how = f"; its events were {header.format}: {header.format_why}" if header.format else ""
    return f"{of}{when}{how}"


def _listed(group: pq.RowGroupMetaData) -> int:
    """The most values of a column that is within lists."""
    columns = map(group.column, range(group.num_columns))
    return max((column.num_values for column in columns if column.num_values > group.num_rows), default=0)


def _longest(array: pa.Array) -> int:
    """The bytes of the longest text in its dictionary, or those of its members."""
    if pa.types.is_struct(array.type):
        return sum(_longest(array.field(at)) for at in range(array.type.num_fields))
    if pa.types.is_dictionary(array.type) and len(array.dictionary):
        return int(pc.max(pc.binary_length(array.dictionary)).as_py() or 0)
    return 0


def _size(rows: pa.RecordBatch) -> int:
    return sum(map(bytes_of, rows.columns))


def _bounded(rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The rows in slices that hold at most PIECE_BYTES once their dictionaries are written out, or are one row."""
    if len(rows) < 2 or _size(rows) <= PIECE_BYTES:  # noqa: PLR2004 - one can't be cut
        if len(rows):
            yield rows
        return
    half = len(rows) // 2
    yield from _bounded(rows.slice(0, half))
    yield from _bounded(rows.slice(half))
