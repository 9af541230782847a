"""The planner in the browser: ``streamlit run app.py`` (``make app``)."""

from planner.app import run

run()
