"""What is lost is counted once, and told where it happened."""

from hypothesis import given
from hypothesis import strategies as st

from sources.batch import Gap
from state.gaps import MOST_ENTRIES, Gaps

gaps = st.builds(
    lambda at, length, lost, why: Gap(at, at + length, lost, why),
    st.integers(0, 10**9),
    st.integers(0, 10**8),
    st.none() | st.integers(1, 100),
    st.sampled_from(["too fast", "away"]),
)


@given(st.lists(gaps, max_size=20).map(lambda each: sorted(each, key=lambda gap: gap.from_us)))
def test_nothing_is_counted_twice_or_forgotten(told: list[Gap]) -> None:
    kept = Gaps()
    for gap in told:
        kept.update([gap])
    assert kept.lost == sum(gap.lost or 0 for gap in told)
    assert abs(kept.seconds - sum((g.until_us - g.from_us) / 1e6 for g in told if g.lost is None)) < 1e-6
    assert kept.lost == sum(gap.lost or 0 for gap in kept.log)
    for gap in told:
        assert any(each.from_us <= gap.from_us and gap.until_us <= each.until_us for each in kept.log)


def test_only_the_newest_are_kept_one_by_one() -> None:
    kept = Gaps()
    kept.update([Gap(n * 10**9, n * 10**9 + 1, 1, "too fast") for n in range(MOST_ENTRIES + 10)])
    assert len(kept.log) == MOST_ENTRIES
    assert kept.lost == MOST_ENTRIES + 10


def test_they_stand_in_event_time_and_in_words() -> None:
    kept = Gaps()
    kept.update(
        [Gap(100_000_000, 102_000_000, None, "the connection was lost"), Gap(200_000_000, 200_000_000, 1, "full")]
    )
    first, second = kept.drifts(behind_s=10.0)
    assert (first.at_us, first.detail) == (90_000_000, "the connection was lost; what was sent in 2.0 s may be lost")
    assert (second.kind, second.detail) == ("interrupted", "full; 1 event lost")
