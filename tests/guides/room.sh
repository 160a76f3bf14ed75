#!/bin/sh
# A room in which the commands of a guide run as they stand there: loopback of
# its own with all ports free, and /etc, /usr and /var that can be changed and
# are forgotten. Needs root, and namespaces that unshare(1) has made.
#
# Runs Deno with these arguments there:
#
#   room.sh FOLDER PROJECT DENO DENO_DIR ARGUMENTS...
set -eu
folder=$1 project=$2 deno=$3 cache=$4
shift 4

mount -t tmpfs tmpfs "$folder"
for each in etc usr var; do
  mkdir -p "$folder/$each/upper" "$folder/$each/work"
  mount -t overlay overlay "/$each" -o \
    "lowerdir=/$each,upperdir=$folder/$each/upper,workdir=$folder/$each/work"
done
# Where every user may read them.
mkdir -p /usr/lib/sallyport /var/cache/deno "$folder/home"
mount --bind "$project" /usr/lib/sallyport
mount --bind "$cache" /var/cache/deno
: >"$folder/deno"
mount --bind "$deno" "$folder/deno"
cat >/usr/bin/sallyport <<END
#!/bin/sh
exec env DENO_DIR=/var/cache/deno "$folder/deno" run -q -P --no-prompt \\
  --cached-only /usr/lib/sallyport/main.ts "\$@"
END
chmod 755 "$folder" /usr/bin/sallyport

# The hosts of the guides. 10.1.0.5 is where a proxy connects from.
ip link set lo up
ip address add 10.1.0.5/32 dev lo
ip address add 10.1.0.9/32 dev lo
ip route replace table local local 10.1.0.9 dev lo src 10.1.0.5
echo "127.0.0.1 localhost lab.example intranet.test intranet" >/etc/hosts
echo lab >/etc/hostname

export HOME="$folder/home" ROOM="$folder" DENO_DIR=/var/cache/deno
cd "$HOME"
exec "$deno" "$@"
