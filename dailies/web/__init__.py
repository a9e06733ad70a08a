"""The web server: webhooks and links to videos, on connections that are counted."""
