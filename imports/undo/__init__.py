"""Reverting and restoring imports, alone or as a set of one player's: the verbs
(revert, restore), what they are made of (withdraw, reclaim), snapshots and how long
they are kept (retention), what is on record, and previews.
"""
