"""More rows when there are too few: varied, written by a model, taken from logs, or general ones mixed in.

Every made row is marked synthetic, is compared with everything there is, only ever trains, and is looked at by a person
before use.
"""
