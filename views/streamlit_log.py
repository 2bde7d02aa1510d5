"""What Streamlit logs, written as all else is: its own lines would repeat an exception's words, and themselves without end."""

import logging

from streamlit import logger as streamlit_logger

from state.logs import HANDLER, Lines

TROUBLE = Lines(logging.WARNING)


def take_over_streamlits_log() -> None:
    """Have its loggers, those that are there and those to come, write through ours. Once a process."""
    streamlit_logger.setup_formatter = _write_through_ours
    streamlit_logger.update_formatter()


def _write_through_ours(logger: logging.Logger) -> None:
    """And nothing else; of its server's loggers, which tell each connection, trouble alone."""
    logger.handlers[:] = [TROUBLE if logger.name.startswith("uvicorn") else HANDLER]
