"""A source's form, made from its settings class: first what its widgets hold, then the widgets with a message beside each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass
from typing import Any

import streamlit as st

from sources.connections import ADDRESSES, PRIVATE, needs_connection
from sources.protocol import Source, form_fields
from state.settings import Complaint, Setting, parse_setting, quoted, setting_text, setting_type

_LINE_PX, _FRAME_PX = 24, 20


def widget_key(kind: str, setting: str) -> str:
    """The key of the widget that holds a source's setting."""
    return f"source-{kind}-{setting}"


@dataclass(frozen=True)
class Form:
    """The form of one kind of source.

    last_good    what the widgets show when they are first drawn, and what stands in for text that is no number
    connections  the names to choose a `connection` from
    adhoc        whether an address may be typed
    """

    kind: type[Source]
    last_good: Mapping[str, Setting]
    connections: Sequence[str]
    adhoc: bool

    def fields(self) -> list[Field[Any]]:
        """The settings this viewer may set: of those with connections, first where to connect to, which the rest depends on."""
        allowed = [each for each in form_fields(self.kind) if self.adhoc or each.name not in ADDRESSES | PRIVATE]
        if not any(each.name == "connection" for each in allowed):
            return allowed
        return sorted(allowed, key=lambda each: (each.name != "connection", each.name not in ADDRESSES))

    def read(self) -> tuple[dict[str, Setting], list[Complaint]]:
        """The settings that the widgets hold, and what could not be used of them."""
        given: dict[str, Setting] = {}
        complaints: list[Complaint] = []
        for field in self.fields():
            good: Setting = self.last_good.get(field.name, field.default)  # type: ignore[arg-type]
            if field.name == "connection" and not good:
                good = self._only_connection()
            value = st.session_state.setdefault(self._key(field), setting_text(good) if self._typed(field) else good)
            text = "" if value is None else setting_text(value).strip()
            try:
                given[field.name] = parse_setting(self.kind, field, text)
            except ValueError as allowed:
                given[field.name] = good
                complaints.append(Complaint(field.name, f"{quoted(text)} is not {allowed}; {good} is kept"))
        return given, complaints

    def draw(
        self, offered: Mapping[str, Sequence[str]], say: Callable[[str], None], touched: Callable[[], None]
    ) -> None:
        """Draw the widgets.

        offered  setting → what to choose it from, beside typing it, where that is known of the place and not of the setting
        say      draws what there is to say of a setting
        touched  is called when the viewer changes one
        """
        for field in self.fields():
            label = field.metadata["label"] or field.name.replace("_", " ").capitalize()
            common = {"key": self._key(field), "help": field.metadata["help"], "on_change": touched}
            choices = offered.get(field.name, field.metadata["choices"] or None)
            if field.name == "connection":
                self._draw_connection(label, common)
            elif choices is not None:
                held = [st.session_state[self._key(field)] or ""]
                options = [text for text in dict.fromkeys([*choices, *held]) if text]
                common |= {
                    "index": 0 if field.default else None,
                    "placeholder": "Choose or type",
                }  # None: may be emptied
                st.selectbox(label, options, accept_new_options=True, **common)
            elif field.metadata["lines"] > 1:
                st.text_area(label, height=_LINE_PX * field.metadata["lines"] + _FRAME_PX, **common)
            elif self._typed(field):
                st.text_input(label, **common)
            elif setting_type(self.kind, field) is bool:
                st.toggle(label, **common)
            else:
                st.number_input(label, field.metadata["minimum"], field.metadata["maximum"], **common)
            say(field.name)
        if not self.adhoc:
            for name in sorted(ADDRESSES):
                say(name)

    def _only_connection(self) -> str:
        """The one that needs no choosing: the only one there is, unless an address was given."""
        alone = len(self.connections) == 1 and not ADDRESSES & self.last_good.keys()
        return self.connections[0] if alone else ""

    def _draw_connection(self, label: str, common: dict[str, Any]) -> None:
        asked = st.session_state[common["key"]]
        typed = any(each.name in ADDRESSES for each in self.fields())
        alone = "None is set up" if needs_connection(self.kind) else "None: this machine"
        none = "None, but an address" if typed else "Choose one" if self.connections else alone
        options = list(dict.fromkeys(["", *self.connections, asked]))
        st.selectbox(label, options, format_func=lambda name: name or none, **common)

    def _typed(self, field: Field[Any]) -> bool:
        """Whether the widget holds text."""
        return setting_type(self.kind, field) is str or bool(field.metadata["choices"])

    def _key(self, field: Field[Any]) -> str:
        return widget_key(self.kind.kind, field.name)
