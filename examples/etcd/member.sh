#!/bin/sh
# A member of the cluster: its name and address are the node's, its data lies in the node's own folder.
ip=$(hostname -i)
exec etcd --name "$CLEAVE_NODE" --data-dir "$CLEAVE_DATA/etcd" --log-level warn \
    --listen-peer-urls "http://$ip:2380" --initial-advertise-peer-urls "http://$ip:2380" \
    --listen-client-urls "http://$ip:2379" --advertise-client-urls "http://$ip:2379"
