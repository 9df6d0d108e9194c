"""The label library: SQLite, every act with its journal entry in one transaction. No Qt."""
