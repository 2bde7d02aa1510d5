"""Where panels appear: bordered cards in a grid of two columns, which Streamlit stacks on a phone."""

from collections.abc import Callable

import streamlit as st

from views import PANELS
from views.broken import about
from views.grid import rows
from views.instants import viewers_zone
from views.reasons import Facts
from views.slot import Slot
from views.style import STYLE
from views.troubles import laid_out
from views.why import show_why


def layout(facts: Facts, touched: Callable[[], None]) -> list[Slot]:
    """Draw the cards of the board's panels, each with the reason for what it shows, and give the slot in each.

    Halves stand side by side in their order; one that is left alone takes the full width.
    """
    st.html(STYLE)
    views = facts.board.views
    if not views:
        st.info("No panel is switched on: choose some under Views.", icon=":material/dashboard:")
    zone, said, slots = viewers_zone(), about(facts.source, facts.choice), []
    for row in rows([PANELS[name] for name in views or ()]):
        for panel, column in zip(row, st.columns(len(row)), strict=True):
            card = column.container(key=f"panel-{panel.name}", border=True, height="stretch")
            head = card.container(
                horizontal=True, gap="small", vertical_alignment="center", key=f"head-{panel.name}", wrap=False
            )
            with head:
                st.markdown(f":material/{panel.icon}: **{panel.title}**", width="content")
                with laid_out("This line", facts.source):
                    show_why(panel.name, facts, touched)
            slots.append(Slot(panel, card, zone, head, said))
    return slots
