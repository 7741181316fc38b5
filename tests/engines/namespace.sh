#!/bin/sh
# Runs real engines in namespaces of their own: network, mounts, processes. Usage, by tests/engines.rs alone:
#
#   unshare --net --mount --pid --fork --kill-child sh namespace.sh FOLDER
#
# FOLDER holds etc/ (which becomes /etc) and the daemons' configuration; all that they write goes there. The rest of the
# file system is read-only, and no interface leads out. Prints "ready PID" once every daemon answers, PID being this
# shell's own as the caller sees it. Ends, and with it every process in here, when its standard input does.
set -eu
folder=$1

# Before /proc is replaced, it tells the number by which the caller knows this shell.
read -r outside _ </proc/self/stat

mount -t proc proc /proc
mount --bind "$folder" "$folder"
mount -o remount,bind,ro /
mount -t tmpfs tmpfs /run
mount --bind "$folder/etc" /etc
ip link set lo up
ip address add 10.99.0.2/32 dev lo

export HOME="$folder/home" TMPDIR="$folder/tmp"

docker-registry serve "$folder/registry.yml" >"$folder/log/registry" 2>&1 &
docker-registry serve "$folder/registry-mutual.yml" >"$folder/log/registry-mutual" 2>&1 &
nginx -c "$folder/nginx.conf" >"$folder/log/nginx" 2>&1 &
containerd --config "$folder/containerd.toml" >"$folder/log/containerd" 2>&1 &

# Waits for a socket or port, 30 seconds at most: $1 what, the rest a command that succeeds once it answers.
await() {
    what=$1
    shift
    for _ in $(seq 150); do
        if "$@" >/dev/null 2>&1; then
            return
        fi
        sleep 0.2
    done
    echo "$what does not answer" >&2
    exit 1
}

await containerd ctr --address "$folder/run/containerd.sock" version
# No bridge, no firewall rules, no forwarding: it only ever asks the registry beside it.
dockerd --config-file "$folder/daemon.json" >"$folder/log/dockerd" 2>&1 &
await dockerd docker --host "unix://$folder/run/docker.sock" version
await docker-registry openssl s_client -connect 10.99.0.2:5444 </dev/null
await nginx openssl s_client -connect 10.99.0.2:5443 </dev/null

echo "ready $outside"
cat >/dev/null
