"""What an operator sees: probes, figures, the log."""
