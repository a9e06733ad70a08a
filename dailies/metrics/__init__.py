"""Figures for operators: the port through which they are counted, and Prometheus behind it."""
