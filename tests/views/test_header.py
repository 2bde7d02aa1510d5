"""The lines above the panels."""

from streamlit.testing.v1 import AppTest


def progress_of_a_feed() -> None:
    from types import SimpleNamespace  # noqa: PLC0415 - the script stands alone

    import streamlit as st  # noqa: PLC0415

    from views.header import Progress  # noqa: PLC0415

    line = Progress()
    for state, message, share, seen in st.session_state["states"]:
        status = SimpleNamespace(state=state, message=message)
        line.show(SimpleNamespace(status=status, seen=seen, progress=lambda share=share: share))


def shown(*states: tuple[str, str, float, int]) -> AppTest:
    page = AppTest.from_function(progress_of_a_feed, default_timeout=30)
    page.session_state["states"] = states
    return page.run()


def test_a_history_whose_share_stands_still_still_counts_its_events() -> None:
    page = shown(("catching up", "", 0.0, 1000), ("catching up", "", 0.0, 2000))
    assert "2,000 events" in page.get("progress")[0].proto.text


def test_nothing_is_left_of_the_progress_once_the_feed_is_live() -> None:
    page = shown(("connecting", "", 1.0, 0), ("waiting", "no broker answers", 1.0, 0), ("live", "", 1.0, 10))
    assert not page.get("progress")
    assert not page.text


def test_a_counterpart_that_is_away_is_said_with_its_reason() -> None:
    assert [each.value for each in shown(("waiting", "no broker answers", 1.0, 5)).text] == [
        "Trying again. no broker answers"
    ]
