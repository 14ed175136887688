#!/bin/sh
# cni.sh ADD|CHECK|DEL POD [HOSTPORT:PODPORT]: what a container runtime does with a namespace /run/netns/POD. The configuration of a plugin goes to its standard
# input, all else to its environment; what ADD of one prints is the prevResult of the next, and of CHECK and DEL. DEL goes the other way round.
set -eu

command=$1 pod=$2 ports=${3-}
plugins=/usr/lib/cni # of Debian's containernetworking-plugins
state=/run/cni-results
[ -x $plugins/bridge ] || { echo 'cni.sh: needs the package containernetworking-plugins' >&2; exit 1; }

# portmap 1.1 looks for its IPv4 rules among those of IPv6, too, and CHECK misses them there: it shall find no ip6tables.
mkdir -p "$state/bin"
[ -e "$state/bin/iptables" ] || ln -s "$(command -v iptables)" "$state/bin/iptables"

plugin() {
    CNI_COMMAND=$command CNI_CONTAINERID=$pod CNI_NETNS=/run/netns/$pod CNI_IFNAME=eth0 CNI_PATH=$plugins PATH=$state/bin "$plugins/$1"
}

# The configuration of bridge, with what came of it where that is wanted.
bridge() {
    if [ "$command" = ADD ]; then
        plugin bridge <bridge.json
    else
        sed '$d' bridge.json | { cat; printf ', "prevResult": %s }\n' "$(cat "$state/$pod.json")"; } | plugin bridge
    fi
}

portmap() {
    [ -n "$ports" ] || [ ! -e "$state/$pod.ports" ] || ports=$(cat "$state/$pod.ports")
    [ -n "$ports" ] || return 0
    printf '{ "cniVersion": "1.0.0", "name": "pods", "type": "portmap", "capabilities": {"portMappings": true},
        "runtimeConfig": {"portMappings": [{"hostPort": %s, "containerPort": %s, "protocol": "tcp"}]}, "prevResult": %s }\n' \
        "${ports%:*}" "${ports#*:}" "$(cat "$state/$pod.json")" | plugin portmap
}

case $command in
    ADD)
        bridge >"$state/$pod.json"
        cat "$state/$pod.json"
        portmap >/dev/null
        printf %s "$ports" >"$state/$pod.ports"
        ;;
    CHECK)
        bridge
        portmap
        ;;
    DEL)
        portmap
        bridge
        rm "$state/$pod.json" "$state/$pod.ports"
        ;;
esac
