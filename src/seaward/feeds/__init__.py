"""Bytes -> reports, static, rejected: one file per format, one door.

In: a path (also gzip, zstd, standard input). Out: batches of the tables REPORTS, STATIC, REJECTED, and the count of every line.
Read in this order: batch (what every reader gives), read (the door), source (the bytes), marinecadastre, dma, vms, mapped (what columns mean),
delimited (how they are read), csv_kernel (fast), csv_rows (complete), csv_tables, parquet, nmea.
"""
