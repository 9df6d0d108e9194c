"""Small windows that ask or tell one thing; each takes plain values and gives plain values back."""
