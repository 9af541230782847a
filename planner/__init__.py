"""Where the next street security cameras should go, which ones, for how many days, and who pays."""

__version__ = "0.1.0"
