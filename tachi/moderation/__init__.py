"""What was done to what is not one's own, by whom and why; and telling the player.

The log (`log`) and notifications (`notices`) know users by their keys only, and lie
below accounts, whose verbs write to them; the faces lie above.
"""
