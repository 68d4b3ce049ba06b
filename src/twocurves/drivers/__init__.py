"""Drivers: which beliefs and choices decide an outcome or a claim, and what would change it.

``find_drivers`` (in :mod:`.report`) says all of one target from a stored run, ``write_decided_by`` (in
:mod:`.decided_by`) what decides every claim, ``explain`` (in :mod:`.explain`) why two runs differ. Modules
are imported where they are used, since several bring the whole economy with them.
"""
