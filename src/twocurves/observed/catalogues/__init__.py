"""Live price catalogues, normalised to one table of offers."""
