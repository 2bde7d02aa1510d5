"""A login that can't be set up, or is asked past, lets nobody in."""

from pathlib import Path

import pytest

from tests.browser.running_app import running_app
from tests.strangers.session import Session

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

BOARD = b"newest event"


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        ("[auth\n", "nobody may see it"),
        ("[auth]\n", "Nobody can log in yet"),
        ('[auth]\nclient_id = "x"\n', "Log in to see this board"),
    ],
)
def test_a_login_that_is_set_up_wrongly_lets_nobody_in(tmp_path: Path, secrets: str, said: str) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(secrets)
    with running_app(("-m", "streamlit", "run", "streamlit_app.py", f"--secrets.files={path}")) as app:
        forged = {"Cookie": '_streamlit_user={"is_logged_in":true}', "X-Forwarded-Email": "ada@example.org"}
        for headers in (None, forged):
            with Session(app, {"views": "kpi"}, headers) as viewer:
                viewer.wait_for(said)
                assert BOARD not in viewer.everything()
