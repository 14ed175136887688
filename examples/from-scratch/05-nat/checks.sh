#!/bin/sh
cd "$(dirname "$0")" || exit
# shellcheck disable=SC1091
. ../check.sh

check 'the tablet has its router for a neighbour' tablet sh -c '! ip route get 192.168.1.1 | grep via'
check 'the laptop has its router for a neighbour' laptop sh -c '! ip route get 192.168.2.1 | grep via'
check 'router2 has the carrier for a neighbour' router2 sh -c '! ip route get 100.64.0.1 | grep via'
check 'the tablet reaches its router' tablet ping -qc1 -W1 192.168.1.1
check 'the laptop reaches its router' laptop ping -qc1 -W1 192.168.2.1
check 'router2 reaches the carrier' router2 ping -qc1 -W1 100.64.0.1
check 'the carrier reaches web' carrier ping -qc1 -W1 203.0.113.80
check 'the tablet reaches web' tablet ping -qc1 -W1 203.0.113.80
check 'web takes the tablet for router1' tablet sh -c 'curl -s -m1 http://203.0.113.80/ | grep -qx 203.0.113.1'
check 'the laptop reaches web, through router2 and the carrier' laptop ping -qc1 -W1 203.0.113.80
check 'web takes the laptop for the carrier' laptop sh -c 'curl -s -m1 http://203.0.113.80/ | grep -qx 203.0.113.2'
check 'web has no way to the tablet' web sh -c '! ping -qc1 -W1 192.168.1.10'
verdict
