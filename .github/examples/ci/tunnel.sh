#!/bin/sh
# sh tunnel.sh start: starts a tunnel in the background, and waits for it.
# sh tunnel.sh stop: saves its requests, and stops it.
#
# The options of the tunnel are variables: SALLYPORT_SERVER, SALLYPORT_USERNAME,
# SALLYPORT_ACCESS_KEY, SALLYPORT_TUNNEL_NAME. What it says and records goes to
# the folder "tunnel": keep it as an artifact.
set -eu

folder=${TUNNEL_FOLDER:-tunnel}
address=127.0.0.1:${TUNNEL_PORT:-8032}
# Half seconds until it must carry requests.
patience=120

is_running() { kill -0 "$(cat "$folder/pid")" 2>/dev/null; }

start() {
  mkdir -p "$folder"
  npx --no-install sallyport run --api-address "$address" --inspector \
    >"$folder/tunnel.log" 2>&1 &
  echo $! >"$folder/pid"
  until npx --no-install sallyport ready --api-address "$address" >/dev/null 2>&1; do
    patience=$((patience - 1))
    if ! is_running || [ "$patience" = 0 ]; then
      echo "Cannot start the tunnel, its log ends with:" >&2
      tail -n 20 "$folder/tunnel.log" >&2
      stop
      exit 1
    fi
    sleep 0.5
  done
}

stop() {
  # Its requests are gone when it has ended.
  node --input-type=module --eval '
    import { writeFileSync } from "node:fs";
    const [address, file] = process.argv.slice(1);
    const url = `http://${address}/inspector/export.har`;
    writeFileSync(file, await (await fetch(url)).text());
  ' "$address" "$folder/requests.har" 2>/dev/null ||
    echo "Cannot save the requests of the tunnel" >&2
  # The second signal does not wait for jobs.
  for pause in 1 10; do
    is_running || return 0
    kill "$(cat "$folder/pid")"
    for _ in $(seq "$pause"); do
      is_running || return 0
      sleep 1
    done
  done
}

case ${1:-} in
start) start ;;
stop) stop ;;
*)
  echo "Usage: sh tunnel.sh start|stop" >&2
  exit 2
  ;;
esac
