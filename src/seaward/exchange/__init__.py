"""Objects of one nation -> signed, labelled messages for another, and back. Reading order:

label, bodies, items     what an object is, on the page and on the wire
operations, policy       who may have what: rules in Cedar (release.cedar), operations that open more for a time
fields, grid, degrade    what each field tells; how it is made coarser
release, explain         the gate, the only way out; and what it would do, in words
keys, seal, frames       what is signed: batches, receipts, checkpoints; the one form they have (docs/wire.md)
merkle                   the tree of a log, and proofs
"""
