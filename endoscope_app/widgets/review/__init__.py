"""The review list: 45,000 frames sorted and filtered as arrays, pictures loaded as they come into sight."""
