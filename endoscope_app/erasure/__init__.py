"""Forgetting a patient: everything that the program keeps of their procedures is removed."""
