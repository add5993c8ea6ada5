"""Formulas and tables that several games share.
Pure Python, in the vocabulary of scores.rules."""
