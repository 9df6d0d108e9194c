"""What a student is taught by: losses on responses, features and relations, each a small
function or module of its own.
"""
