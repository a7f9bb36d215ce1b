"""`seaward exchange`: keys, partners, releases and proofs of the exchange with other nations. One file per verb: exchange_*.py."""

from __future__ import annotations

import typer

from seaward.cli import exchange_audit
from seaward.cli.exchange_accept import accept
from seaward.cli.exchange_ack import ack
from seaward.cli.exchange_desk import desk
from seaward.cli.exchange_explain import explain
from seaward.cli.exchange_export import export
from seaward.cli.exchange_init import init
from seaward.cli.exchange_invite import invite
from seaward.cli.exchange_operation import close_operation, open_operation
from seaward.cli.exchange_partner import partner
from seaward.cli.exchange_plan import plan
from seaward.cli.exchange_release import release
from seaward.cli.exchange_renew import renew
from seaward.cli.exchange_revoke import revoke
from seaward.cli.exchange_rotate import rotate
from seaward.cli.exchange_status import status
from seaward.cli.exchange_talk import answer, ask, case, chat, control, reply, rescue, task, withdraw

app = typer.Typer(
    name="exchange", help="Share with other nations what you choose: keys, partners, releases, requests, tasks, proofs.", no_args_is_help=True
)
app.command("init")(init)
app.command("invite")(invite)
app.command("accept")(accept)
app.command("status")(status)
app.command("partner")(partner)
app.command("release")(release)
app.command("explain")(explain)
app.command("ack")(ack)
app.command("export")(export)
app.command("desk")(desk)
app.command("ask")(ask)
app.command("answer")(answer)
app.command("task")(task)
app.command("reply")(reply)
app.command("plan")(plan)
app.command("rescue")(rescue)
app.command("case")(case)
app.command("chat")(chat)
app.command("control")(control)
app.command("withdraw")(withdraw)
app.command("open")(open_operation)
app.command("close")(close_operation)
app.command("renew")(renew)
app.command("rotate")(rotate)
app.command("revoke")(revoke)
app.add_typer(exchange_audit.audit_app)
