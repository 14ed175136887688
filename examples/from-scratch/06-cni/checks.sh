#!/bin/sh
cd "$(dirname "$0")" || exit
# shellcheck disable=SC1091
. ../check.sh

check 'pod1 has the address 10.244.1.2' host1 sh -c 'ip -n pod1 addr show dev eth0 | grep -q "inet 10.244.1.2/24"'
check 'CHECK says that pod1 is as ADD made it' host1 ./cni.sh CHECK pod1
check 'CHECK says that pod2 is as ADD made it' host1 ./cni.sh CHECK pod2
check 'pod2 reaches pod1' host1 nsenter --net=/run/netns/pod2 ping -qc1 -W1 10.244.1.2
check 'pod1 reaches its host' host1 nsenter --net=/run/netns/pod1 ping -qc1 -W1 10.244.1.1
check 'the host reaches pod2' host1 ping -qc1 -W1 10.244.1.3
check 'the client reaches the host' client ping -qc1 -W1 172.23.0.1
check 'pod2 reaches the client, which takes it for the host' host1 nsenter --net=/run/netns/pod2 ping -qc1 -W1 172.23.0.9
check 'the client reaches pod1 at port 8080 of the host' client curl -s -m1 http://172.23.0.1:8080/
verdict
