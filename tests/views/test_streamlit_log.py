"""What Streamlit logs is bounded, and holds no value either."""

import json
import subprocess
import sys

from tests.errors.messages import ROOT

SCRIPT = """
import logging
from streamlit.logger import get_logger
from views.streamlit_log import take_over_streamlits_log

before, access = get_logger("streamlit.before"), get_logger("uvicorn.access")
take_over_streamlits_log()
for logger in (before, get_logger("streamlit.after")):
    for _ in range(3):
        try:
            int("a value of an event")
        except ValueError as error:
            logger.error("Uncaught app execution", exc_info=error)
access.info("%s asked for a page", "somebody")
"""


def test_what_streamlit_logs_is_a_line_a_minute_without_values() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["logger"] for line in lines] == ["streamlit.before", "streamlit.after"]
    assert [line["error"].rpartition("\n")[2] for line in lines] == ["ValueError"] * 2
    assert "<string>" in lines[0]["error"]
