"""What clients ask, page by page, and what they read of the answers without looking."""
