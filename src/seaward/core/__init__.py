"""The words every room shares. Nothing here reads or writes; nothing here imports another room.

units -> geodesy -> realm, ids, errors -> tables (the contracts) -> split (the check at the edges) -> catalogue (English and Spanish)
"""
