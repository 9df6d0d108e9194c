"""What a reading comes to: a report of the findings, signed, and frames that leave the program."""
