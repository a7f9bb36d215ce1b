"""Event versions, rules, vessels, watch lists, silences -> alerts with a life of their own; alerts -> how heavy a watch is, which vessels are a risk.

rules        what rules are        rule_keys  each key of a rule file    read_rules  a file -> rules, or all its mistakes (mistakes)
lists        watch lists by CSV    matching   does a rule fit an event   silences    does a silence cover it
alert        an alert, a change    life       what people may do with it grouping    which events are one situation
raise_alerts events -> new and changed alerts
load         alerts of each watch  risk       vessels by risk, part by part (risk_parts)
"""
