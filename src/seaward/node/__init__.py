"""The running node: feeds in, the watch, versions of events out, everything kept. Below this package nothing looks at a clock.

config    what it is told to do                     clock, health     what time it is; whether a feed is well
from_*    sources: udp, tcp, serial, file, folder, nats, each run by source.keep_going
lines     bytes -> whole lines with a time          intake            one feed: queue -> journal -> reader -> batches
exchanging, partner_link   what goes to other nations and comes from them, apart from the watch
engine    batches -> looks and sweeps -> versions   node              all of it, started and stopped in order
"""
