"""Every page that people see: walked, looked at in a browser, and counted.

Nothing here knows which pages there are: `walk.py` follows what the pages show.
"""
