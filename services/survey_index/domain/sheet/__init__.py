"""A file of answers, read to the last cell before anything of it counts: either all of it is right, or each fault
is named by its row and column (rows as a spreadsheet counts them, the header being row 1).

Rows come as texts, whether from CSV or from a workbook; what is read goes out in batches, so that a long file is
never held as a whole.
"""
