#!/usr/bin/env python3
"""Writes to Redis, remembers what was acknowledged and when, and counts what the new master has of it. Speaks RESP itself."""

import argparse
import json
import os
import socket
import sys
import time

MASTER, SENTINELS = "172.23.0.1", ["s2", "s3"]
NOTES = os.path.join(os.environ["CLEAVE_DATA"], "writes.json")


class Redis:
    """A connection, on which one command at a time is asked."""

    def __init__(self, host, port=6379, timeout=2.0):
        self.socket = socket.create_connection((host, port), timeout)
        self.file = self.socket.makefile("rb")

    def ask(self, *words):
        parts = [f"*{len(words)}\r\n"] + [f"${len(w.encode())}\r\n{w}\r\n" for w in words]
        self.socket.sendall("".join(parts).encode())
        return self.answer()

    def answer(self):
        line = self.file.readline().decode()
        kind, rest = line[:1], line[1:].rstrip("\r\n")
        if kind == "-":
            raise RuntimeError(rest)
        if kind == "$":
            return None if rest == "-1" else self.file.read(int(rest) + 2)[:-2].decode()
        if kind == "*":
            return [self.answer() for _ in range(int(rest))]
        if not kind:
            raise ConnectionError("it was closed")
        return rest


def master(sentinel="s2"):
    """Whom the majority's Sentinel takes for the master."""
    return Redis(sentinel, 26379).ask("sentinel", "get-master-addr-by-name", "store")[0]


def about(sentinel):
    answer = Redis(sentinel, 26379).ask("sentinel", "master", "store")
    return dict(zip(answer[::2], answer[1::2]))


def settled():
    for sentinel in ["s1", "s2", "s3"]:
        known = about(sentinel)
        if (known["num-slaves"], known["num-other-sentinels"]) != ("2", "2"):
            sys.exit(f"{sentinel} knows {known['num-slaves']} replicas and {known['num-other-sentinels']} other Sentinels")
    if Redis("r1").ask("wait", "2", "1000") != "2":
        sys.exit("the replicas are not there yet")


def write(host, seconds):
    """A write every 10 ms; what is acknowledged, refused, or not answered, with the seconds since the start."""
    redis, start, notes = Redis(host), time.monotonic(), {"acknowledged": [], "refused": [], "done": False}
    number = 0
    while (now := time.monotonic() - start) < seconds:
        key = f"key:{number}"
        try:
            redis.ask("set", key, str(number))
            notes["acknowledged"].append([key, now])
        except RuntimeError as refusal:
            if not str(refusal).startswith("NOREPLICAS"):
                raise
            notes["refused"].append([key, now])
        number += 1
        time.sleep(0.01)
    notes["done"] = True
    with open(NOTES + ".new", "w", encoding="utf-8") as file:
        json.dump(notes, file)
    os.rename(NOTES + ".new", NOTES)


def rejoined():
    new = master()
    if new == MASTER:
        sys.exit("no replica has been promoted")
    for host in ["r1", "r2", "r3"]:
        said = Redis(host).ask("info", "replication")
        known = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
        if known.get("role") == "master":
            if Redis(host).socket.getpeername()[0] != new:
                sys.exit(f"{host} takes itself for the master")
        elif (known.get("master_host"), known.get("master_link_status")) != (new, "up"):
            sys.exit(f"{host} does not follow {new} yet")


def lost():
    """The acknowledged writes that the new master has not got, in order, and the notes."""
    with open(NOTES, encoding="utf-8") as file:
        notes = json.load(file)
    redis = Redis(master())
    return [[key, at] for key, at in notes["acknowledged"] if redis.ask("get", key) is None], notes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("settled", help="the Sentinels know the replicas and each other")
    writes = verbs.add_parser("write", help="write for a time")
    writes.add_argument("host")
    writes.add_argument("seconds", type=float)
    verbs.add_parser("done", help="the writer has finished")
    verbs.add_parser("promoted", help="the majority has another master")
    verbs.add_parser("rejoined", help="all follow the new master")
    verbs.add_parser("count", help="print what was acknowledged, refused and lost")
    losses = verbs.add_parser("lost", help="judge what was lost")
    losses.add_argument("--at-least", type=int, default=0)
    losses.add_argument("--at-most-seconds", type=float, default=None, help="between the first lost write and the last")
    losses.add_argument("--some-refused", action="store_true")
    asked = parser.parse_args()

    if asked.verb == "settled":
        settled()
    elif asked.verb == "write":
        write(asked.host, asked.seconds)
    elif asked.verb == "done":
        sys.exit(0 if os.path.exists(NOTES) else "it still writes")
    elif asked.verb == "promoted":
        sys.exit(0 if all(master(s) != MASTER for s in SENTINELS) else "not yet")
    elif asked.verb == "rejoined":
        rejoined()
    elif asked.verb in ("count", "lost"):
        gone, notes = lost()
        seconds = round(gone[-1][1] - gone[0][1], 1) if gone else 0
        if asked.verb == "count":
            numbers = {"acknowledged": len(notes["acknowledged"]), "refused": len(notes["refused"]), "lost": len(gone), "lost_over_s": seconds}
            print(json.dumps(numbers))
            return
        if len(gone) < asked.at_least:
            sys.exit(f"{len(gone)} acknowledged writes are lost")
        if asked.at_most_seconds is not None and seconds > asked.at_most_seconds:
            sys.exit(f"writes were acknowledged and lost over {seconds} s")
        if asked.some_refused and not notes["refused"]:
            sys.exit("no write was refused")


try:
    main()
except (OSError, RuntimeError) as trouble:
    sys.exit(f"{trouble}")
