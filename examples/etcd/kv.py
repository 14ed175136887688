#!/usr/bin/env python3
"""Writes to etcd, remembers what was acknowledged, and looks whether it is there. By etcdctl (etcd 3.4 or newer)."""

import argparse
import json
import os
import subprocess
import sys

MEMBERS = ["n1", "n2", "n3"]
ACKNOWLEDGED = os.path.join(os.environ["CLEAVE_DATA"], "acknowledged")


def etcdctl(members, *words, timeout="2s"):
    endpoints = ",".join(f"http://{m}:2379" for m in members)
    command = ["etcdctl", f"--endpoints={endpoints}", f"--command-timeout={timeout}", "--dial-timeout=1s", *words]
    done = subprocess.run(command, env={**os.environ, "ETCDCTL_API": "3"}, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout


def status(member):
    """What a member says of itself; None if it does not answer."""
    answered, said = etcdctl([member], "endpoint", "status", "-w", "json", timeout="1s")
    return json.loads(said)[0]["Status"] if answered else None


def leader(members):
    """The member that says it leads, where all that answer agree on one and a majority answers."""
    said = {m: s for m in members if (s := status(m))}
    ids = {s.get("leader", 0) for s in said.values()}
    if len(said) < 2 or len(ids) != 1:
        return None
    return next((m for m, s in said.items() if s["header"]["member_id"] in ids), None)


def values(member):
    """All keys and values as this member has them, by a read that asks no other."""
    answered, said = etcdctl([member], "get", "--prefix", "--consistency=s", "-w", "json", "key/")
    return {kv["key"]: kv["value"] for kv in json.loads(said).get("kvs", [])} if answered else None


def acknowledged():
    with open(ACKNOWLEDGED, encoding="utf-8") as lines:
        return [line.rstrip("\n") for line in lines]


def keys_of(member):
    answered, said = etcdctl([member], "get", "--prefix", "--consistency=s", "--keys-only", "key/")
    return set(said.split()) if answered else set()


def put(prefix, count, members):
    with open(ACKNOWLEDGED, "a", encoding="utf-8") as lines:
        for i in range(count):
            key = f"key/{prefix}/{i}"
            done, _ = etcdctl(members, "put", key, f"{i}", timeout="5s")
            if not done:
                sys.exit(f"{key} was not acknowledged")
            lines.write(key + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    which = verbs.add_parser("leader", help="print the name of the leader")
    which.add_argument("--but", default="", help="leave this member out")
    puts = verbs.add_parser("put", help="write keys; each must be acknowledged")
    puts.add_argument("prefix")
    puts.add_argument("count", type=int)
    puts.add_argument("--but", default="", help="do not ask this member")
    verbs.add_parser("refuses-to-put", help="on a member: it must not acknowledge a write")
    verbs.add_parser("agree", help="all members have the same leader and the same data")
    verbs.add_parser("count", help="every acknowledged key is on every member; prints how many")
    behind = verbs.add_parser("behind", help="a member must lack acknowledged keys; prints how many")
    behind.add_argument("member")
    asked = parser.parse_args()

    others = [m for m in MEMBERS if m != getattr(asked, "but", "")]
    if asked.verb == "leader":
        found = leader(others)
        print(found if found else sys.exit("there is none yet"))
    elif asked.verb == "put":
        put(asked.prefix, asked.count, others)
    elif asked.verb == "refuses-to-put":
        done, _ = etcdctl([os.environ["CLEAVE_NODE"]], "put", "key/minority", "1", timeout="3s")
        sys.exit("a member without a majority acknowledged a write" if done else 0)
    elif asked.verb == "agree":
        data = [values(m) for m in MEMBERS]
        sys.exit(0 if leader(MEMBERS) and None not in data and data[0] == data[1] == data[2] else "not yet")
    elif asked.verb == "count":
        known = acknowledged()
        lost = {m: sorted(set(known) - keys_of(m)) for m in MEMBERS}
        print(json.dumps({"acknowledged": len(known), "lost": max(len(keys) for keys in lost.values())}))
        sys.exit(f"lost: {lost}" if any(lost.values()) else 0)
    elif asked.verb == "behind":
        missing = len(set(acknowledged()) - keys_of(asked.member))
        print(json.dumps({"behind_by_keys": missing}))
        sys.exit(0 if missing else "it is not")


main()
