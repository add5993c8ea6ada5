"""What the pages of moderators and of owners share: how times and states look."""
