"""The command line: a face. It prints what the rooms return, and turns their faults into one sentence."""
