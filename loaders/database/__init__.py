"""Databases that are reached over a driver: what is the same for all; what differs is in a folder a database."""
