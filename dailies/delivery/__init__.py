"""Delivery of a downloaded video to its channel: upload limits, links, and the interface to chat."""
