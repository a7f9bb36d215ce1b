"""`seaward exchange status`: partners, and how the links of a running node are."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from seaward.cli.exchange_options import EN, ConfigFile, Dir, Lang, RealmName, now, place, say
from seaward.core.catalogue import render
from seaward.exchange.certificates import fingerprint
from seaward.exchange.renewal import ends_of
from seaward.node.partner_link import status_path

_STALE_S = 15  # ours: a node writes every two seconds
_OURS = {f"exchange.link.{name}_{how}" for name in ("link_key", "signing_key") for how in ("ends", "ended")}  # said once, above the links


def status(
    config: ConfigFile = None,
    folder: Dir = None,
    realm: RealmName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    lang: Lang = EN,
) -> None:
    """Show partners and links: state, lag, gaps, last receipt, bytes."""
    where = place(config, folder, None, realm)
    nation = where.home.nation
    try:
        told: dict[str, Any] = json.loads(status_path(where.home.folder, where.realm).read_bytes())
    except (OSError, ValueError):
        told = {"at_ms": 0, "links": [], "why": "", "serving": False}
    age_s = now().timestamp() - told["at_ms"] / 1000
    links = {link["partner"]: link for link in told["links"]} if age_s < _STALE_S else {}
    partners = {n: where.home.partner(n) for n in where.home.partners()}
    if as_json:
        rows = [{"partner": n, "agreed": r.state, "clearance": r.clearance, "link": links.get(n)} for n, r in partners.items()]
        print(json.dumps({"nation": nation.nation, "realm": where.realm, "running": age_s < _STALE_S, "partners": rows}, indent=2))
        return
    say("status", lang, nation=nation.nation, realm=where.realm, fingerprint=fingerprint(where.home.authority_certificate))
    say("keys_until", lang, signing=f"{where.home.signing_until():%Y-%m-%d}", link=f"{where.home.link_certificate.not_valid_after_utc:%Y-%m-%d}")
    for problem in ends_of(where.home).problems(now()):
        print(f"  {render(problem, {}, lang.value)}")
    say("running" if age_s < _STALE_S else "not_running", lang)
    if told["why"] and age_s < _STALE_S:
        print(f"  {told['why']}")
    for name, record in partners.items():
        link = links.get(name)
        state = render(f"exchange.state.{link['state'] if link is not None and record.state == 'active' else record.state}", {}, lang.value)
        print(f"{name}  {state}")
        if link is not None and "epoch" in link:
            for line in _lines(link, lang.value):
                print(f"     {line}")
    if not partners:
        say("no_partner", lang)


def _lines(link: dict[str, Any], language: str) -> list[str]:
    def ago(ms: int | None) -> str:
        return "-" if ms is None else f"{max(0.0, now().timestamp() - ms / 1000):,.0f}"

    sent = {"waiting": link["waiting"], "held": link["held"], "unreceipted": link["unreceipted"], "receipt_s": ago(link["last_receipt_ms"]),
            "sent_kb": link["sent_bytes"] / 1000}  # fmt: skip
    came = {"received": link["received"], "tracks": link["tracks"], "heard_s": ago(link["last_heard_ms"]), "came_kb": link["received_bytes"] / 1000}
    lost = {"lost": link["lost"], "their_lost": link["their_lost"], "refused": link["refused"], "withheld": link["withheld"],
            "superseded": link["superseded"]}  # fmt: skip
    lines = [render("cli.exchange.sent", sent, language), render("cli.exchange.came", came, language), render("cli.exchange.lost", lost, language)]
    return lines + [render(p, {}, language) for p in link["problems"] if p not in _OURS] + ([link["why"]] if link["why"] else [])
