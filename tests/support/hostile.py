"""Links that must never be followed, by their fault, and a name server that answers badly.

{port} is where a test listens, on 127.0.0.1 and ::1: a link that got through would arrive there.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import Any

HERE = ("127.0.0.1", "::1")
PUBLIC = "93.184.216.34"
"""Stands for any public address; no test connects to it."""

_NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.0.0.2 127.255.255.254
168.63.129.16 169.254.169.254 169.254.170.2 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.0.192
192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.250 240.0.0.1 255.255.255.255
"""
_NOT_PUBLIC_V6 = """
:: ::1 ::2 0:0:0:0:0:0:0:1 0000:0000:0000:0000:0000:0000:0000:0001
::127.0.0.1 ::7f00:1 ::a9fe:a9fe ::ffff:127.0.0.1 ::ffff:7f00:1 ::FFFF:10.0.0.1 ::ffff:a9fe:a9fe ::ffff:0.0.0.0
::ffff:100.64.0.1 ::ffff:168.63.129.16 ::ffff:192.0.0.192 0:0:0:0:0:ffff:127.0.0.1 ::ffff:0:127.0.0.1 ::ffff:0:7f00:1
64:ff9b::7f00:1 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::7f00:1 64:ff9b:1:fffe::a00:1
2002:7f00:1:: 2002:7f00:0001::1 2002:a9fe:a9fe:: 2002:a00:1:: 2002:c0a8:101:: 2001:0:7f00:1:: 2001::1
2001:0:4136:e378:8000:63bf:80ff:fffe 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 3fff::1 3fff:fff::1
2606:4700::5efe:7f00:1 2606:4700::200:5efe:127.0.0.1
100::1 100:0:0:1::1 1000::1 4000::1 5f00::1 8000::1 e000::1 fc00::1 fd00:ec2::254 fd20:ce::254 fd12:3456::1
fe00::1 fe80::1 fe80::a9fe:a9fe febf::1 fec0::1 feff::1 ff01::1 ff02::1 ff05::1:3 ff0e::1
"""
_NUMBERS = """
2130706433 0 1 017700000001 0x7f000001 0X7F000001 0x7f.1 0x7f.0.0.1 0x7F.0x0.0x0.0x1 0177.0.0.1 0177.1 00177.0.0.01
127.1 127.0.1 127.0x1 127.00.00.01 127.0.0.01 0x0 0.0 2852039166 0xa9fe.0xa9fe 0251.0376.0251.0376 169.254.43518 10.1
4294967295 4294967296 127.0.0.256 1.2.3.4.5 0x 1.2.3.0x a.example.0x7f a.example.1
"""
_NUMBERS_WITH_DOTS = ["127.0.0.1.", "169.254.169.254.", "10.0.0.1.", "2130706433.", "127.1.", "0x7f.1.", "localhost."]
_ZONES = ["fe80::1%25eth0", "fe80::1%eth0", "::1%25lo", "::1%lo", "2606:4700::1%25lo", "::1%251", "fe80::1%251", "::1%"]
_UNICODE = [
    "\uff11\uff12\uff17.0.0.1",  # full-width digits
    "127\u30020.0.1",  # ideographic full stop
    "127\uff0e0\uff0e0\uff0e1",  # full-width full stops
    "127\uff610\uff610\uff611",  # half-width ideographic full stops
    "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",  # circled digits
    "\U0001d7cf\U0001d7d0\U0001d7d5.\U0001d7ce.\U0001d7ce.\U0001d7cf",  # bold digits
    "\u0967\u0968\u096d.\u0966.\u0966.\u0967",  # Devanagari digits
    "\u0661\u0662\u0667.\u0660.\u0660.\u0661",  # Arabic digits
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",  # circled localhost
    "\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54",  # full-width localhost
    "loc\u00adalhost",  # soft hyphen
    "local\u200bhost",  # zero-width space
    "localho\u017ft",  # long s
    "\u212aelvin.private.example",  # Kelvin sign
    "\u202elocalhost",  # turns the direction of writing
]
_USERS = [
    "https://{here}@127.0.0.1:{port}/", "https://a.example@127.0.0.1:{port}/", "https://a.example:443@127.0.0.1:{port}/",
    "https://ann:pw@a.example/", "https://ann@a.example/", "https://:pw@a.example/", "https://:@a.example/",
    "https://a.example%2f@127.0.0.1:{port}/", "https://127.0.0.1:{port}%2f@a.example/", "https://@127.0.0.1:{port}/",
    "https://a.example\u2044@127.0.0.1:{port}/", "https://a.example%00@127.0.0.1:{port}/", "https://@@127.0.0.1:{port}/",
    "https://a@b@127.0.0.1:{port}/", "https://a.example;@127.0.0.1:{port}/",
]  # fmt: skip
_ODD = [
    "https://a.example\\@127.0.0.1:{port}/", "https://127.0.0.1:{port}\\@a.example/", "https:\\\\127.0.0.1:{port}\\",
    "https:/\\127.0.0.1:{port}/", "https://127.0.0.1\\.a.example:{port}/", "https://a.example/\\..\\..",
    "https://127.0.0.1:{port}\t/", "https://127.0.\t0.1:{port}/", "https://127.0.0.1\n:{port}/",
    "https://127.0.0.1\r:{port}/",
    "ht\ntps://127.0.0.1:{port}/", "\thttps://127.0.0.1:{port}/", " https://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/ ",
    "https:// 127.0.0.1:{port}/", "https://127.0.0.1 :{port}/", "https://127.0.0.1 a.example:{port}/",
    "https://localhost\x00.a.example:{port}/", "https://127.0.0.1\x00:{port}/", "https://127.0.0.1%00:{port}/",
    "https://127.0.0.1%0d%0aHost:%20a.example:{port}/", "https://127.0.0.1%09:{port}/", "https://127.0.0.1%2e:{port}/",
    "https://%6c%6f%63%61%6c%68%6f%73%74:{port}/", "https://127%2e0%2e0%2e1:{port}/", "https://%31%32%37.0.0.1:{port}/",
    "https://a.example%40127.0.0.1:{port}/", "https://a.example%23.127.0.0.1:{port}/", "https://%5b::1%5d:{port}/",
    "https://[::1:{port}/", "https://::1:{port}/", "https://[127.0.0.1]:{port}/", "https://[::1].a.example:{port}/",
    "https://[::g]:{port}/", "https://[::g]/", "https://[::ffff:127.1]:{port}/", "https://[::ffff:0177.0.0.1]:{port}/",
    "https://[::ffff:0x7f.1]:{port}/", "https://[::ffff:2130706433]:{port}/", "https://[::1::1]:{port}/",
    "https://[1:2:3:4:5:6:7:8:9]:{port}/", "//[::g]:{port}/", "//[r:1]:{port}/", "//[::1]:{port}/", "//[::1::1]/",
    "https://a.example[::1]:{port}/", "https://[[::1]]:{port}/", "https://[v1.fe80]:{port}/", "https://[]:{port}/",
    "https://a..example:{port}/", "https://.:{port}/", "https://..:{port}/", "https://:{port}/", "https://", "https:///",
    "https:127.0.0.1:{port}", "https:/127.0.0.1:{port}/", "https:////127.0.0.1:{port}/", "//127.0.0.1:{port}/",
    "127.0.0.1:{port}", "/etc/passwd", "", "?", "https://-a.example:{port}/", "https://a.example\u2028:{port}/",
    "https://a.example\u00a0:{port}/", "https://localhost\u3000:{port}/", "https://{long}.example/", "https://a.example/{endless}",
]  # fmt: skip
_SCHEMES = [
    f"{scheme}127.0.0.1:{{port}}/"
    for scheme in ("http://", "HTTP://", "ftp://", "ws://", "wss://", "gopher://", "dict://", "tftp://", "ldap://",
                   "sftp://", "smb://", "git://", "ssh://", "telnet://", "redis://", "view-source:https://", "jar:https://",
                   "unix://", "httpss://", "https+unix://")
] + ["file:///etc/passwd", "file://localhost/etc/passwd", "data:image/png;base64,AAAA", "javascript:alert(1)",
     "mailto:a@a.example", "blob:https://a.example/1", "about:blank", "http://a.example/x.png"]  # fmt: skip
_PORTS = [0, 1, 21, 22, 25, 53, 80, 110, 444, 2375, 3306, 5432, 6379, 8080, 8443, 9200, 10250, 27017, 65535, 65536, -1]

ZONE: Mapping[str, Sequence[Sequence[str]]] = {
    "a.example": [[PUBLIC]],
    "localhost": [HERE],
    **{f"private{i}.example": [[one]] for i, one in enumerate([*_NOT_PUBLIC.split(), *_NOT_PUBLIC_V6.split()])},
    "zone.example": [["fe80::1%2"]],
    "mixed1.example": [[PUBLIC, "127.0.0.1"]],
    "mixed2.example": [["127.0.0.1", PUBLIC]],
    "mixed3.example": [[PUBLIC, "2606:4700::1", "::1"]],
    "mixed4.example": [[*[PUBLIC] * 20, "10.0.0.1"]],
    "mixed5.example": [[PUBLIC, "::ffff:127.0.0.1"]],
    "metadata.google.internal": [["169.254.169.254"]],
    "metadata": [["169.254.169.254"]],
    "kelvin.private.example": [["127.0.0.1"]],
    "127.0.0.1.nip.example": [["127.0.0.1"]],
    "xn--bcher-kva.example": [["127.0.0.1"]],
    "under_score.example": [["192.168.1.1"]],
}
"""Answers for each name: one list of addresses for each question, the last one for all that follow."""

_HOSTS = {
    "IPv4 addresses that are not public": _NOT_PUBLIC.split(),
    "IPv6 addresses that are not public": [f"[{one}]" for one in _NOT_PUBLIC_V6.split()],
    "addresses written as other numbers": [*_NUMBERS.split(), *_NUMBERS_WITH_DOTS],
    "addresses with a zone": [f"[{one}]" for one in _ZONES],
    "hosts in other letters and digits": _UNICODE,
    "names that lead to addresses that are not public": [
        *(name for name in ZONE if name != "a.example"), "LOCALHOST", "LocalHost.", "private0.example.",
        "b\u00fccher.example", "missing.example", "www.localhost",
    ],
}  # fmt: skip
LINKS: Mapping[str, Sequence[str]] = {
    **{kind: [f"https://{host}:{{port}}/x.png" for host in hosts] for kind, hosts in _HOSTS.items()},
    "user names in a link": _USERS,
    "odd characters and broken links": _ODD,
    "other schemes": _SCHEMES,
    "other ports": [f"https://{host}:{port}/" for port in _PORTS for host in ("a.example", "127.0.0.1")],
}


def links(kind: str, port: int) -> list[str]:
    """Return the links of one kind, with the port of a test's listener."""
    parts = {"{port}": str(port), "{here}": f"127.0.0.1:{port}", "{long}": "a" * 64, "{endless}": "a" * 5000}
    filled: list[str] = []
    for link in LINKS[kind]:
        for part, text in parts.items():
            link = link.replace(part, text)
        filled.append(link)
    return filled


class NameServer:
    """Replaces socket.getaddrinfo and answers from ZONE. asked: the names, in order.

    Names outside the zone are read as a number or not at all, as libc does; nothing leaves this machine.
    """

    def __init__(self, zone: Mapping[str, Sequence[Sequence[str]]] = ZONE) -> None:
        self._zone = {name: list(answers) for name, answers in zone.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, family: int = 0, kind: int = 0, protocol: int = 0, flags: int = 0) -> Any:
        self.asked.append(host)
        answers = self._zone.get(host.lower().removesuffix("."))
        if answers is None:
            return socket.getaddrinfo(host, port, family, kind, protocol, socket.AI_NUMERICHOST)
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            info
            for one in addresses
            for info in socket.getaddrinfo(one, port, family, kind, protocol, socket.AI_NUMERICHOST)
        ]
