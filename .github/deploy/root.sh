#!/bin/sh
# Makes the root file system of the image, without the program itself:
#
#   root.sh FOLDER [LIBRARIES] [ARCHITECTURE]
#
# FOLDER is new. LIBRARIES is where Debian's packages libc6 and libgcc-s1 are
# unpacked, by default this system. ARCHITECTURE is amd64 or arm64, by default
# that of this machine.
set -eu

root=${1:?Which folder?}
libraries=${2:-}
case "${3:-$(uname -m)}" in
  amd64 | x86_64)
    triplet=x86_64-linux-gnu
    loader=/lib64/ld-linux-x86-64.so.2
    ;;
  arm64 | aarch64)
    triplet=aarch64-linux-gnu
    loader=/lib/ld-linux-aarch64.so.1
    ;;
  *)
    echo "root.sh: no image for ${3:-$(uname -m)}, only for amd64 and arm64" >&2
    exit 1
    ;;
esac

# library NAME TARGET: newer Debian has all of /lib in /usr/lib.
library() {
  for folder in "$libraries/lib/$triplet" "$libraries/usr/lib/$triplet"; do
    [ -e "$folder/$1" ] || continue
    cp -L "$folder/$1" "$root$2"
    return
  done
  echo "root.sh: no $1 in $libraries/lib/$triplet" >&2
  exit 1
}

mkdir -p "$root/${loader%/*}" "$root/lib/$triplet" "$root/usr/bin" \
  "$root/etc" "$root/tmp" "$root/var/lib/sallyport" \
  "$root/dev" "$root/proc" "$root/sys"
library "${loader##*/}" "$loader"
# All that the program is linked with: `ldd` says so.
for name in libc.so.6 libdl.so.2 libgcc_s.so.1 libm.so.6 libpthread.so.0 \
  librt.so.1; do
  library "$name" "/lib/$triplet/$name"
done

# The name of the user and of the group that the image runs as.
echo "nonroot:x:65532:65532::/var/lib/sallyport:/sbin/nologin" >"$root/etc/passwd"
echo "nonroot:x:65532:" >"$root/etc/group"
# Names come from /etc/hosts first, which the container's engine writes.
echo "hosts: files dns" >"$root/etc/nsswitch.conf"
chmod 1777 "$root/tmp"
