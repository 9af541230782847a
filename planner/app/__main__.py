"""``python -m planner.app [options of streamlit]``: the server, which reads its pages before it listens, and the kept study beside."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from streamlit.web import cli

from planner.app import warming


def main() -> None:
    """Serve ``app.py``; the study is read beside it and holds nothing up."""
    threading.Thread(target=warming.study, daemon=True).start()
    sys.argv = ["streamlit", "run", str(Path(__file__).parents[2] / "app.py"), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
