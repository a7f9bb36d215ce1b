"""What streams, subjects and consumers are called on the bus between nations, for all who must agree on it: tokens, configuration, link.

On each server one account holds what goes to a partner (`out`), with JetStream, and one is all the partner's leaf ever sees (`link`), without: it
imports from the first a single service, the request for the next messages of a consumer. There is nothing else to call, purge or publish to.
"""

from __future__ import annotations

from typing import Literal

from seaward.core.realm import check_realm

Stream = Literal["history", "live", "control"]
STREAMS: tuple[Stream, ...] = ("control", "history", "live")


def realm_token(realm: str) -> str:
    """`ops`, or `ex-<id>`: a colon is no part of a name of NATS."""
    return check_realm(realm).replace(":", "-")


def stream_name(sender: str, receiver: str, realm: str, stream: Stream) -> str:
    """Such as PER_USA_ops_history."""
    return f"{sender}_{receiver}_{realm_token(realm)}_{stream}"


def out_subject(receiver: str, realm: str, stream: Stream, lane: str) -> str:
    """Where the sender publishes, in its own account for that partner."""
    return f"out.{receiver}.{realm_token(realm)}.{stream}.{lane}"


def request_subject(sender: str, stream: str = "*") -> str:
    """Where the partner asks the sender for the next messages of a stream."""
    return f"link.{sender}.{stream}"


def next_subject(receiver: str, stream: str = "*") -> str:
    """What that is in the sender's own account."""
    return f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{receiver}"


def inbox(nation: str) -> str:
    """Where a nation's reader gets its answers."""
    return f"inbox.{nation}"
