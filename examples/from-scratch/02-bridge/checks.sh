#!/bin/sh
cd "$(dirname "$0")" || exit
# shellcheck disable=SC1091
. ../check.sh

check 'veth-c1 is a port of br0' host1 sh -c 'ip link show master br0 | grep -q veth-c1'
check 'veth-c2 is a port of br0' host1 sh -c 'ip link show master br0 | grep -q veth-c2'
check 'c1 reaches c2' c1 ping -qc1 -W1 10.244.1.12
check 'c2 reaches c1' c2 ping -qc1 -W1 10.244.1.11
check 'c1 reaches the host' c1 ping -qc1 -W1 10.244.1.1
check 'the host reaches c2' host1 ping -qc1 -W1 10.244.1.12
verdict
