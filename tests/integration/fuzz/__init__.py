"""Requests nobody would think of, made from our own descriptions and sent to every operation as every role."""
