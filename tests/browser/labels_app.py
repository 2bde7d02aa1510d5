"""A page whose labels are what a hostile feed would have in them."""

import streamlit as st

from views.markdown import literal

TEXTS = (
    "<script>alert(1)</script>", '"];alert(1)//', "$x$ and $y$", "$$x^2$$", ":smile:", ":red[b]", ":material/home:",
    "**b** _c_ `d` ~~e~~", "__proto__", "# head", "1. one", "- item", "+ item", "[a](http://x)", "![i](http://x/y.png)",
    "<b>x</b> &amp; &lt;", "http://example.com www.example.org a@b.com", "a\\b", "a | b", "a -> b <- c", "---", "(c) (r)",
    "'\\u0022", "cpu.usage_idle", "a  b\tc\nd",
)  # fmt: skip

if __name__ == "__main__":
    with st.container(key="labels"):
        for number, text in enumerate(TEXTS):
            st.popover(literal(text), type="tertiary", key=f"label-{number}")
        st.pills("Pills", TEXTS, format_func=literal)
