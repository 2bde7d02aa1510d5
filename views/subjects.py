"""What a counterpart has to watch (topics, tables, streams …), for the select in which one is chosen."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from sources.connections import ADDRESSES
from sources.errors import BadSettings, SourceError
from sources.packages import missing
from sources.protocol import Listing, Source
from state.crash import kind_of
from state.settings import Complaint, Setting

logger = logging.getLogger("pulseboard.subjects")


def list_subjects(
    kind: type[Source],
    given: Mapping[str, Setting],
    complete: Callable[[Mapping[str, Setting]], Mapping[str, Any]],
) -> tuple[list[str], list[Complaint]]:
    """The names, none where the source can't tell; and what to say beside the select if they can't be had.

    given     the form's settings, with or without a subject
    complete  adds the connection's properties; where it refuses, its own message stands beside the connection
    """
    if not issubclass(kind, Listing) or missing(kind):
        return [], []
    try:
        arguments = complete(given)
    except BadSettings:
        return [], []
    where = {name: arguments[name] for name in (*sorted(ADDRESSES), "properties") if arguments.get(name)}
    if not where:
        return [], []
    names, problem = _ask(kind, tuple(where.items()))
    return names, [Complaint(kind.subject, f"what there is can't be listed: {problem}")] if problem else []


@st.cache_data(ttl=60, max_entries=100, show_spinner="Looking what there is …", hash_funcs={type: repr})
def _ask(kind: type[Listing], where: tuple[tuple[str, Any], ...]) -> tuple[list[str], str]:
    """Names and no problem, or none and the problem: a counterpart that is away is not asked again at each touch."""
    try:
        return list(kind.subjects(dict(where))), ""
    except SourceError as problem:
        return [], str(problem)
    except Exception as error:
        logger.error("what %s has could not be listed", kind.__name__, exc_info=error)  # noqa: TRY400 - the trace is there
        return [], f"asking stopped unexpectedly ({kind_of(error)})"
