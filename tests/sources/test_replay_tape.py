"""A folder in which recording goes on is played, although its oldest part goes."""

from pathlib import PosixPath

from sources.replay_tape import Tape
from tests.sources.replays import record


class LookedAt(PosixPath):
    """Goes as soon as somebody has looked whether it is there."""

    def is_file(self):
        there = super().is_file()
        self.unlink(missing_ok=True)
        return there


def test_a_part_that_goes_while_its_folder_is_opened_is_passed_over(tmp_path):
    going = LookedAt(record(tmp_path / "1.parquet", [0]))
    stays = record(tmp_path / "2.parquet", [1, 2])
    going_is_looked_at = Tape([going, stays], "auto", "")
    going.is_file()
    assert sum(len(piece.table) for _, piece in going_is_looked_at.pieces()) == 2
    going_is_looked_at.close()
    gone_already = Tape([going, stays], "auto", "")
    assert sum(len(piece.table) for _, piece in gone_already.pieces()) == 2
    assert gone_already.share == 1.0
    gone_already.close()
