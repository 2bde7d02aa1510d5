"""What is logged of an error that nobody expected holds no secret, whichever way a client has repeated it."""

import base64
from urllib.parse import quote

import pytest

from sources.connections import Hidden
from sources.last_words import last_words

PASSWORD = "hunter2 ä/&?"  # noqa: S105 - made up
PROPERTIES = tuple(
    (name, Hidden(value))
    for name, value in (
        ("url", f"https://ann:{quote(PASSWORD, safe='')}@example.org/?key=s3cr3t-k3y"),
        ("password", PASSWORD),
        ("basic_auth_user_info", "ann:p4ssw0rd"),
        ("port", "5432"),
        ("ssl", "true"),
    )
)


def refuse(said: str, cause: Exception | None) -> None:
    raise RuntimeError(f"no login with {said} at port 5432") from cause


def logged_of(said: str, cause: Exception | None) -> str:
    try:
        refuse(said, cause)
    except RuntimeError:
        return last_words(PROPERTIES)
    return ""


@pytest.mark.parametrize(
    "said",
    [
        PASSWORD,
        repr(PASSWORD),
        quote(PASSWORD, safe=""),
        base64.b64encode(PASSWORD.encode()).decode(),
        base64.b64encode(b"ann:p4ssw0rd").decode(),
        "p4ssw0rd",
        "s3cr3t-k3y",
        f"ann:{PASSWORD}",
    ],
)
def test_a_secret_is_taken_out_of_an_error_and_of_what_led_to_it(said: str) -> None:
    for cause in (None, OSError(f"refused <{said}>")):
        logged = logged_of(said, cause)
        assert said not in logged
        assert "•••" in logged
        assert "port 5432" in logged
        assert "test_last_words" in logged
        assert ("OSError: refused" in logged) is (cause is not None)
