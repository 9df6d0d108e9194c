"""Labels on disk, as safe as a bank: acts in one transaction with their journal, undo without limit, backups, one writer at a time."""
