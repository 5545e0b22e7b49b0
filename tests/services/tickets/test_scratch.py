import httpx, json
from tests.services.tickets.conftest import Desk
from tests.conftest import staff_header


async def test_probe(desk: Desk, http: httpx.AsyncClient) -> None:
    h = staff_header("agent")
    id_ = await desk.bring(programme_number_last4="1234", programme_number_sealed="x")

    def p(name, a):
        print(name, a.status_code, dict(a.headers).get("content-type"), a.text[:400])

    G = lambda u, **k: http.get(u, headers=h, **k)
    p("nul unit", await G("/v1/tickets?unit=%00"))
    p("esc big", await G("/v1/tickets?escalation_level=99999999999"))
    p("from year1", await G("/v1/tickets", params={"opened_from": "0001-01-01T00:00:00+14:00"}))
    p("from 9999", await G("/v1/tickets", params={"opened_from": "9999-12-31T23:59:59-12:00"}))
    p("cursor", await G("/v1/tickets?cursor=abc"))
    p("cursor", await G("/v1/tickets?cursor=%C3%A9"))
    p("cursor empty", await G("/v1/tickets?cursor="))
    p("naive", await G("/v1/tickets?opened_from=2026-01-01T00:00:00"))
    p("unknown param", await G("/v1/tickets?colour=red"))
    p("detail", await G(f"/v1/tickets/{id_}"))
    P = lambda u, **k: http.post(u, headers={**h, **k.pop("headers", {})}, **k)
    p("nul body", await P(f"/v1/tickets/{id_}/reply", json={"body": "a\0b"}))
    p(
        "surrogate body",
        await P(
            f"/v1/tickets/{id_}/reply", content=b'{"body":"\\ud800"}', headers={"content-type": "application/json"}
        ),
    )
    p("nul unit", await P(f"/v1/tickets/{id_}/escalate", json={"unit": "\0"}))
    p("nul reason", await P(f"/v1/tickets/{id_}/escalate", json={"reason": "\0"}))
    p("no token bad json", await http.post(f"/v1/tickets/{id_}/reply", content=b"{"))
    p("no token", await http.post(f"/v1/tickets/{id_}/reply", json={"body": "x"}))
    p("no token bad body", await http.post(f"/v1/tickets/{id_}/reply", json={"bodyx": "x"}))
    p("esc no body", await P(f"/v1/tickets/{id_}/escalate"))
    p("esc null", await P(f"/v1/tickets/{id_}/escalate", content=b"null", headers={"content-type": "application/json"}))
    p("esc json no ct", await P(f"/v1/tickets/{id_}/escalate", content=b'{"unit":"X"}'))
    p("reply no ct", await P(f"/v1/tickets/{id_}/reply", content=b'{"body":"X"}'))
    p("reply array", await P(f"/v1/tickets/{id_}/reply", json=[]))
    p("bad ifmatch", await P(f"/v1/tickets/{id_}/reply", json={"body": "x"}, headers={"If-Match": "3"}))
    p("404", await G("/v1/nothing"))
    p("405", await http.put("/v1/tickets", headers=h))
    p("bad id", await G("/v1/tickets/abc"))
    p("slash", await G("/v1/tickets/"))
    p("track", await http.get("/v1/track/xxx"))
    print((await http.get("/openapi.json")).status_code)
    p("resolve long", await P(f"/v1/tickets/{id_}/resolve", json={"body": "x" * 20001}))
    p("resolve spaces", await P(f"/v1/tickets/{id_}/resolve", json={"body": "   "}))
    p("detail", await G(f"/v1/tickets/{id_}"))
    p("big", await P(f"/v1/tickets/{id_}/reply", json={"body": "x" * 300000}))
    for e in await desk.said():
        print(e.type, e.sequence, e.correlationid)
