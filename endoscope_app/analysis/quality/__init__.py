"""How good each image is, by light measures taken while it is decoded, and its mean colour."""
