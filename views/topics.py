"""The topics a cluster offers, for the select in which one is chosen."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from sources import kafka
from sources.errors import BadSettings, SourceError
from state.settings import Complaint, Setting


def list_topics(
    given: Mapping[str, Setting], complete: Callable[[Mapping[str, Setting]], Mapping[str, Any]]
) -> tuple[list[str], list[Complaint]]:
    """The topics' names, and what to say beside the select if they can't be had.

    given     the form's settings, with or without a topic
    complete  adds the connection's properties; where it refuses, its own message stands beside the connection
    """
    try:
        arguments = complete(given)
    except BadSettings:
        return [], []
    names, problem = _ask(arguments.get("properties", ()), arguments.get("bootstrap_servers", ""))
    return names, [Complaint("topic", f"the topics can't be listed: {problem}")] if problem else []


@st.cache_data(ttl=60, max_entries=100, show_spinner="Listing the topics …")
def _ask(properties: tuple[tuple[str, str], ...], bootstrap_servers: str) -> tuple[list[str], str]:
    """Names and no problem, or none and the problem: a cluster that is away is not asked again at each touch."""
    try:
        return kafka.list_topics(properties, bootstrap_servers), ""
    except SourceError as problem:
        return [], str(problem)
