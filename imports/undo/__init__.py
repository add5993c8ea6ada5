"""Reverting an import and bringing it back: snapshot, revert, restore, preview."""
