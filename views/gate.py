"""Who may see the page at all: everybody, unless secrets.toml says who logs in where.

With `[auth]` (see docs/SHARING.md) a viewer logs in with an OpenID Connect provider before anything is read, listed or opened. Streamlit
does that; here stands that nothing comes before it, and whom of those who could log in the page is for.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAuthError, StreamlitMissingAuthlibError

_OF_A_PROVIDER = "client_id"


def admit() -> None:
    """End the run at a page that asks for a login, unless this viewer may see the board.

    The run ends early, which otherwise leaves the loop of the board before it alive: here there was none, since logging in and out
    are new sessions.
    """
    secrets = _secrets()
    if secrets is None:
        st.error("The settings of this page can't be read, so nobody may see it.", icon=":material/lock:")
        st.text("Whoever serves it: mend .streamlit/secrets.toml, which is no TOML or may not be opened.")
        st.stop()
    auth = secrets.get("auth")
    if auth is None:
        return
    if not isinstance(auth, Mapping) or not st.user.get("is_logged_in"):
        _ask_for_a_login(auth)
        st.stop()
    who = st.user.to_dict()
    if not is_invited(who, auth.get("viewers")):
        st.warning("This page is not for this login.", icon=":material/lock:")
        st.text(f"Logged in as {who.get('email') or who.get('name') or 'somebody without an e-mail address'}.")
        st.button("Log out", icon=":material/logout:", on_click=st.logout)
        st.stop()


def show_logout() -> None:
    """A way out, at the sidebar's end, for who has logged in."""
    if st.user.get("is_logged_in"):
        with st.sidebar:
            st.text(f"Logged in as {st.user.get('email') or st.user.get('name') or 'a viewer'}")
            st.button("Log out", icon=":material/logout:", on_click=st.logout)


def is_invited(who: Mapping[str, Any], viewers: Sequence[str] | str | None) -> bool:
    """Whether somebody who has logged in is among the viewers.

    viewers  e-mail addresses, or domains such as `@example.org`; case does not count. None for whoever can log in

    An address that the provider does not call verified is nobody's.

    >>> is_invited({"email": "Ada@Example.org", "email_verified": True}, ["@example.org"])
    True
    >>> is_invited({"email": "ada@example.org.evil.net", "email_verified": True}, ["@example.org"])
    False
    >>> is_invited({"email": "ada@example.org"}, ["@example.org"])
    False
    """
    if viewers is None:
        return True
    named = [viewers] if isinstance(viewers, str) else viewers
    if who.get("email_verified") not in (True, "true"):
        return False
    email = str(who.get("email", "")).strip().lower()
    name, at, domain = email.rpartition("@")
    return bool(name and domain) and {email, at + domain} & {each.strip().lower() for each in named} != set()


def _secrets() -> Mapping[str, Any] | None:
    """What secrets.toml says; None where there is one that can't be read, which Streamlit does not tell from none at all."""
    if st.secrets.load_if_toml_exists():
        return st.secrets.to_dict()
    return None if any(Path(path).exists() for path in st.get_option("secrets.files")) else {}


def _ask_for_a_login(auth: Any) -> None:
    st.markdown("### :material/monitoring: Pulseboard")
    st.text("Log in to see this board. Afterwards, open its link again.")
    providers = _providers(auth)
    if not providers:
        st.text("Nobody can log in yet: [auth] in secrets.toml names no provider with a client_id.")
    for provider in providers:
        named = f" with {provider.title()}" if provider else ""
        if st.button(f"Log in{named}", icon=":material/login:", type="primary", key=f"log-in-{provider}"):
            try:
                st.login(provider or None)
            except StreamlitMissingAuthlibError:
                st.text('Nobody can log in yet: pip install "streamlit[auth]" where this page is served.')
            except StreamlitAuthError:
                st.text(
                    "Nobody can log in yet: [auth] in secrets.toml is not complete. docs/SHARING.md has an example."
                )


def _providers(auth: Any) -> list[str]:
    """Their names in `[auth.NAME]`; "" for the one that stands in `[auth]` itself.

    >>> _providers({"client_id": "x"}), _providers({"okta": {"client_id": "x"}, "viewers": []})
    ([''], ['okta'])
    """
    if not isinstance(auth, Mapping):
        return []
    named = [str(name) for name, table in auth.items() if isinstance(table, Mapping) and _OF_A_PROVIDER in table]
    return ([""] if _OF_A_PROVIDER in auth else []) + named
