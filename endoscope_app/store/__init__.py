"""What outlives the program: predictions, recent files, labels. No Qt; every write is whole or did not happen."""
