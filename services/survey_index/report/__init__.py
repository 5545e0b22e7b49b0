"""The report that is handed in: its facts, its chapters in Indonesian, and three printers (HTML, PDF, XLSX)."""
