"""Reverting and restoring imports: revert, restore, snapshot, preview."""
