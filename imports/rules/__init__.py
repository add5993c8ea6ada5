"""Rules that stop a source of imports: what they may say, making and lifting them, and
what they refuse.
"""
