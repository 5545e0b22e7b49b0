"""The parts of the dialect of mail: headers, bodies, threads, automatic mail and delivery reports."""
