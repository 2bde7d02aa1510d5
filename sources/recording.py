"""A recording: one Parquet file of events as a feed published them, with a header that says where they are from.

Any tool that reads Parquet can open it; `sources/recording_columns.py` says how its columns are named. A file may have been
made by anybody: it is streamed, and refused where reading it would take memory without bound.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.batch import TIME, TIME_TYPE
from sources.errors import BadSettings, NotFound
from sources.pieces import GROUP_CELLS, GROUP_ROWS, groups, pieces
from sources.recording_columns import TYPES, fields_of, held, lay_out
from sources.recording_header import KEY, VERSION, Exact, Header, header_json, read_json
from sources.whole_file import whole_file

__all__ = ["VERSION", "Header", "read_header", "read_tables", "write_recording"]

Place = Path | BinaryIO

MOST_GROUP_BYTES = 1024 * 1024 * 1024
MOST_COLUMNS = 10_000
"""A file that is read has no larger row groups (uncompressed), and no more columns."""
BUFFER_BYTES = 1024 * 1024
_LONGEST_METADATA = 16 * 1024 * 1024


# Writing


def write_recording(place: Place, tables: Iterable[pa.Table], header: Header, *, fresh: bool = False) -> Header:
    """Write the events in order; returns the header with what they say of themselves: how many, and from when to when.

    tables  as a feed publishes them: event time first, then whatever fields they have, of whatever types

    A path's file is there as a whole or not at all. Raises OSError if it can't be written: FileExistsError where there is
    one already and it is to be `fresh`.
    """
    kept = [table for table in tables if len(table)]
    if isinstance(place, Path):
        with whole_file(place, fresh=fresh) as file:
            return _write(file, kept, header)
    return _write(place, kept, header)


def _write(file: BinaryIO, tables: list[pa.Table], header: Header) -> Header:
    columns = lay_out(tables)
    spans = [pc.min_max(table[TIME].cast(pa.int64())).as_py() for table in tables]
    header = replace(
        header,
        version=VERSION,
        events=sum(map(len, tables)),
        from_us=min((span["min"] for span in spans), default=0),
        to_us=max((span["max"] for span in spans), default=0),
    )
    with pq.ParquetWriter(file, columns.schema, compression="zstd", write_page_checksum=True) as writer:
        for group in groups(tables, len(columns.schema)):
            # Tables of one schema are joined first: a quiet feed's are of few rows each.
            alike = [pa.concat_tables(same) for _, same in groupby(group, attrgetter("schema"))]
            writer.write_table(pa.concat_tables(map(columns.conform, alike)), row_group_size=GROUP_ROWS)
        writer.add_key_value_metadata({KEY: header_json(header, columns.exact)})
    return header


# Reading


def read_header(place: Place) -> Header | None:
    """What the recording says of itself; None for a Parquet file that is none of ours.

    Raises NotFound where there is no file, BadSettings for one that is cut short, no Parquet, too new or makes no sense.
    """
    with _opened(place) as (_, said):
        return said[0] if said else None


def read_tables(place: Place, rows: int = 16_384) -> Iterator[pa.Table]:
    """The events in order, in tables of at most so many rows, each as a feed publishes it; texts are strings, not dictionaries.

    Of a Parquet file that is none of ours, its columns as they are, without those that are null throughout a table.

    Raises as `read_header` does, and BadSettings where the file turns out to be damaged further on.
    """
    name = _name(place)
    with _opened(place) as (file, said), _readable(name):
        exact = said[1] if said else {}
        rows = max(1, min(rows, GROUP_CELLS // max(1, len(file.schema_arrow))))
        for batch in file.iter_batches(rows, use_threads=False):
            table = pa.Table.from_batches([batch])
            if said and table[TIME].null_count:
                raise BadSettings("recording", f"{name} can't be used: it holds events without a time: record it again")
            for piece in pieces(table, rows):
                plain = pa.table([held(column) for column in piece.columns], names=piece.column_names)
                yield from fields_of(plain, exact)


@contextmanager
def _opened(place: Place) -> Iterator[tuple[pq.ParquetFile, tuple[Header, Exact] | None]]:
    """The file, and what it says of itself if it is one of ours."""
    name = _name(place)
    if isinstance(place, Path) and not place.is_file():  # a pipe or a device would be waited for
        raise NotFound(f"there is no file {name}: choose another recording")
    with _readable(name):
        file = place.open("rb") if isinstance(place, Path) else place
    try:
        file.seek(0)
        with _readable(name):
            metadata = pq.read_metadata(file)
        said = _checked(metadata, name)
        # Texts that repeat are kept as dictionaries until they are cut: a few bytes may stand for gigabytes.
        texts = [field.name for field in metadata.schema.to_arrow_schema() if pa.types.is_string(field.type)]
        file.seek(0)
        with _readable(name):
            parquet = pq.ParquetFile(
                file,
                read_dictionary=texts,
                pre_buffer=False,
                buffer_size=BUFFER_BYTES,
                thrift_string_size_limit=_LONGEST_METADATA,
                page_checksum_verification=True,  # what lies uncompressed would else be read as other values
            )
        yield parquet, said
    finally:
        if isinstance(place, Path):
            file.close()


def _checked(metadata: pq.FileMetaData, name: str) -> tuple[Header, Exact] | None:
    if metadata.num_columns > MOST_COLUMNS:
        raise BadSettings(
            "recording", f"{name} has {metadata.num_columns:,} columns: use a file of {MOST_COLUMNS:,} at most"
        )
    largest = max((metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups)), default=0)
    if largest > MOST_GROUP_BYTES or largest < 0:
        raise BadSettings(
            "recording",
            f"{name} has row groups of {largest / 2**20:,.0f} MB, which are too large to read here: "
            f"write it with row groups of {MOST_GROUP_BYTES // 2**20:,} MB at most",
        )
    text = (metadata.metadata or {}).get(KEY)
    if text is None:
        return None
    said = read_json(text, name)
    with _readable(name):
        schema = metadata.schema.to_arrow_schema()
    strange = next((field.name for field in schema if field.type not in TYPES), None)
    if strange is not None or schema.names[:1] != [TIME] or schema.field(0).type != TIME_TYPE:
        raise BadSettings(
            "recording", f"{name} can't be used: its columns are not those of a recording: record it again"
        )
    return said


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn what Arrow and the system say of a file into what its user can do."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        told = " ".join(str(error).split())[:120]
        raise BadSettings(
            "recording", f"{name} can't be read: it is cut short, damaged or no Parquet file ({told}): choose another"
        ) from None


def _name(place: Place) -> str:
    """Without the folders that lead to it: where this machine keeps it is not for whoever uploaded it."""
    return Path(str(getattr(place, "name", "the file"))).name[:100]
