"""Plain values in, signals out: widgets know no engine, no model and no store."""
