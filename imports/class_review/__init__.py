"""The review of classes that reverts leave: decisions, and what is to be known."""
