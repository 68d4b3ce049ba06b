"""Settings shared by all tests."""

from hypothesis import settings

# The same examples in every run, and no limit on one example's time: the machine may be shared.
settings.register_profile("twocurves", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("twocurves")
