"""Helpers that every command and button needs: answers, questions, permissions, tokens and text."""
