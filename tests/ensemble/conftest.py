"""The run that the tests of running share."""

from tests.real_run import real_run

__all__ = ["real_run"]
