"""Accepts logins with MIT's GSS-API, bound to a channel.

One line in, one line out:
  new DATA   begins a login on a channel with this application data (hexadecimal)
  step TOKEN takes the client's token (base64)
Answers: "ready", "more TOKEN", "done USER", "bad TEXT".
"""
import base64
import sys

import gssapi.raw as gss

context, channel = None, None
for line in sys.stdin:
    word, _, rest = line.strip().partition(" ")
    if word == "new":
        context, channel = None, gss.ChannelBindings(application_data=bytes.fromhex(rest))
        answer = "ready"
    else:
        try:
            r = gss.accept_sec_context(base64.b64decode(rest), context=context, channel_bindings=channel)
            context = r.context
            if r.more_steps:
                answer = "more " + base64.b64encode(r.token).decode()
            else:
                answer = "done " + gss.display_name(r.initiator_name, False).name.decode().rstrip("\0")
        except Exception as e:  # whatever it is, the other side is told
            answer = "bad " + " ".join(str(e).split())
    print(answer, flush=True)
