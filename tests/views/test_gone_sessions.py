"""What is let go of between two looks, also while a page under test has the runtime's place."""

from streamlit import runtime
from streamlit.testing.v1 import AppTest

from views.gone_sessions import let_go_of_sessions


def page() -> None:
    from streamlit import runtime  # noqa: PLC0415 - a page of its own

    from views.gone_sessions import let_go_of_sessions  # noqa: PLC0415

    assert runtime.exists()
    let_go_of_sessions()


def test_a_page_without_sessions_has_none_to_let_go_of() -> None:
    assert not runtime.exists()
    let_go_of_sessions()
    assert not AppTest.from_function(page).run().exception
