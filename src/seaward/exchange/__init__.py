"""Objects of one nation -> signed, labelled messages for another, and back. Reading order:

label, bodies, items     what an object is, on the page and on the wire
operations, policy       who may have what: rules in Cedar (release.cedar), operations that open more for a time
fields, grid, degrade    what each field tells; how it is made coarser
release, explain         the gate, the only way out; and what it would do, in words
keys, seal, frames       what is signed: batches, receipts, checkpoints; the one form they have (docs/wire.md)
records, journal         what must not be forgotten; kept by log_file, or by log_memory, which fails as disks do
outbox, offered          what waits for a partner; asked of the gate when it comes and when it goes
merkle, chain, sender    batches in their chain and tree until the partner has signed for them
trust, verified, receiver  whose keys; what they signed; in order, or in quarantine
params, dialogue         both ways as one pure machine: events and a moment in, bytes and messages out
audit, kept_proof        what both have signed, proven from the files alone
shown_track, as_cot, cot, as_cap, as_label, as_aivdm  the same in forms that other software reads
certificates, nats_tokens, secret_file, home, invitation   a nation's keys; its folder; one signed file there, one back
nats_names, nats_config, server_plan, nats_server, set_within, link   the bus between nations: its names, plan, process; and driven
"""
