"""A made-up town as a town folder, from a seed and a number of people. Door: ``write``."""

from planner.example.write import write

__all__ = ["write"]
