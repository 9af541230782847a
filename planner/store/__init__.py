"""Plans kept for good: versions that never change, reviews, uploads, and an audit chain that shows any change.

Door: ``opened`` gives a ``Store``, whose methods are the verbs (``save``, ``load``, ``review`` ...); ``examine``
computes every hash anew, ``backup`` and ``restore`` copy one. A store holds plan documents: no offence points, no names of persons.
"""

from planner.store.opening import default_path, opened
from planner.store.restoring import backup, restore
from planner.store.schema import OPINIONS
from planner.store.shelf import Answer, Review, Store, Upload, Version
from planner.store.soundness import Soundness, examine

__all__ = [
    "OPINIONS",
    "Answer",
    "Review",
    "Soundness",
    "Store",
    "Upload",
    "Version",
    "backup",
    "default_path",
    "examine",
    "opened",
    "restore",
]
