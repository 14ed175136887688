#!/bin/sh
cd "$(dirname "$0")" || exit
# shellcheck disable=SC1091
. ../check.sh

check 'host1 reaches core' host1 ping -qc1 -W1 172.23.1.254
check 'host2 reaches core' host2 ping -qc1 -W1 172.23.2.254
check 'the hosts reach each other, through core' host1 ping -qc1 -W1 172.23.2.2
check 'core does not know the containers' core sh -c '! ip route get 10.244.0.11'
check 'c1 reaches c2, on the same host' c1 ping -qc1 -W1 10.244.0.12
check 'c1 reaches c3, on the other host' c1 ping -qc1 -W1 10.244.0.13
check 'c2 reaches c3, on the other host' c2 ping -qc1 -W1 10.244.0.13
check 'c3 reaches c1, on the other host' c3 ping -qc1 -W1 10.244.0.11
check 'for c1 it is one hop to c3' c1 sh -c 'ping -c1 -W1 10.244.0.13 | grep -q ttl=64'
check 'packets of 1450 bytes pass the tunnel' c1 ping -qc1 -W1 -M 'do' -s 1422 10.244.0.13
verdict
