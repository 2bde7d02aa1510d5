"""The app, which lets nobody take away more than a kilobyte."""

import runpy
from pathlib import Path

import state.download

if __name__ == "__main__":
    state.download.MOST_BYTES = 1_000
    runpy.run_path(str(Path(__file__).parents[2] / "streamlit_app.py"), run_name="__main__")
