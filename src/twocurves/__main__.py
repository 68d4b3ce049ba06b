"""``python -m twocurves`` is ``twocurves``."""

from twocurves.cli.entry import main

main()
