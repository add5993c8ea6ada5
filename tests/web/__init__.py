"""The web server as a real process, and what stands in front of it."""
