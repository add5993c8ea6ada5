"""The owners' pages, through HTTP and in a browser."""
