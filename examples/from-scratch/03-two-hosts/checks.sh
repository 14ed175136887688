#!/bin/sh
cd "$(dirname "$0")" || exit
# shellcheck disable=SC1091
. ../check.sh

check 'the hosts reach each other' host1 ping -qc1 -W1 172.23.0.2
check 'c1 reaches its host' c1 ping -qc1 -W1 10.244.1.1
check 'c3 reaches its host' c3 ping -qc1 -W1 10.244.2.1
check 'c1 reaches c2, on the same host, without a router' c1 ping -qc1 -W1 -t1 10.244.1.12
check 'c2 reaches c1, on the same host, without a router' c2 ping -qc1 -W1 -t1 10.244.1.11
check 'c3 has its host for a neighbour' c3 sh -c '! ip route get 10.244.2.1 | grep via'
check 'c1 reaches c3, on the other host' c1 ping -qc1 -W1 10.244.2.11
check 'c2 reaches c3, on the other host' c2 ping -qc1 -W1 10.244.2.11
check 'c3 reaches c1, on the other host' c3 ping -qc1 -W1 10.244.1.11
check 'the way from c1 to c3 has three hops' c1 sh -c 'ping -c1 -W1 10.244.2.11 | grep -q ttl=62'
verdict
