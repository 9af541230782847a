"""Compiled kernels are forgotten once a source that holds kernels is newer than they.

Numba keeps compiled code beside the source and compiles again when the file of a function changes, not when one that it calls
does. After an upgrade in place old code would go on in silence, or fail where a type that it names is gone.
"""

from __future__ import annotations

import os
from pathlib import Path


def forget_stale(package: Path) -> int:
    """Remove what was compiled before the last change of any kernel's source; how many indexes went.

    Not seen are sources that an archive has put over older ones with dates of its own (the README tells to unpack into a new
    folder), and kernels that Numba keeps elsewhere, since the package's own folders cannot be written.
    """
    made = {index: index.stat().st_mtime for index in package.glob("*/__pycache__/*.nbi")}
    sources = {index.parent.parent / f"{index.name.split('.')[0]}.py" for index in made}
    changed = max((source.stat().st_mtime for source in sources if source.exists()), default=0.0)
    stale = [index for index, at in made.items() if at < changed and os.access(index.parent, os.W_OK)]
    for index in stale:
        index.unlink(missing_ok=True)  # another process may have been first
    return len(stale)


forget_stale(Path(__file__).parent)
