"""Compose, explain and check plans."""
