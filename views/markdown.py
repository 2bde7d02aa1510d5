"""Text from a feed where Streamlit reads Markdown: labels of buttons, pills and popovers."""

import re

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@/^=\"'])")

_JOINER = "\u2060"
"""Of no width. Streamlit makes arrows of dashes even where they are escaped."""


def literal(text: str) -> str:
    r"""`text` so that Markdown shows it as it is, on one line: no emphasis, link, image, formula, emoji or colour.

    >>> print(literal("a*b* :smile:"))
    a\*b\* \:smile\:
    """
    line = " ".join(text.split()).replace("->", f"-{_JOINER}>").replace("<-", f"<{_JOINER}-")
    return _MEANS_SOMETHING.sub(r"\\\1", line)
