"""What was measured: curated observations, live catalogues and the estimators of ``measure``."""
