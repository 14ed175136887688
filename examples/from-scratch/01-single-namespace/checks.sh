#!/bin/sh
cd "$(dirname "$0")" || exit
# shellcheck disable=SC1091
. ../check.sh

check 'netns1 has veth2, and it is up' netns1 sh -c 'ip link show up dev veth2 | grep -q LOWER_UP'
check 'the host has veth1, and it is up' fabric sh -c 'ip link show up dev veth1 | grep -q LOWER_UP'
check 'veth2 has the address 10.200.1.1' netns1 sh -c 'ip addr show dev veth2 | grep -q "inet 10.200.1.1/32"'
check 'veth1 has the address 192.168.64.2' fabric sh -c 'ip addr show dev veth1 | grep -q "inet 192.168.64.2/32"'
check 'the host has a route to 10.200.1.1' fabric sh -c 'ip route get 10.200.1.1 | grep -q "dev veth1"'
check 'netns1 has a default route' netns1 sh -c 'ip route show default | grep -q "dev veth2"'
check 'the host reaches netns1' fabric ping -qc1 -W1 10.200.1.1
check 'netns1 reaches the host' netns1 ping -qc1 -W1 192.168.64.2
verdict
