"""What became of each row of an import: stored when it is written, listed later."""
