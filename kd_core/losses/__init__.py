"""What a student is taught by: losses on responses, features and relations.

Each is a small function or module of its own.
"""
