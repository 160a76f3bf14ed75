# What the commands of a guide find in the room: programs that go on run in the
# background, and systemd, which does not run here, is asked what it would do.
set -euo pipefail
shopt -s expand_aliases
declare -A running=()

# start NAME EVENT COMMAND...: returns when its log has the event.
start() {
  local name=$1 event=$2
  shift 2
  stop "$name"
  "$@" >"$ROOM/$name.log" 2>&1 &
  running[$name]=$!
  until_logged "$name" "$event"
}

# until_logged NAME EVENT: waits, as long as the program runs.
until_logged() {
  grep -q -m 1 -F -- "$2" \
    < <(tail -n +1 -F --pid="${running[$1]}" "$ROOM/$1.log" 2>/dev/null) ||
    {
      echo "$1 ended without \"$2\":"
      cat "$ROOM/$1.log"
      return 1
    } >&2
}

# stop NAME: as a service manager does.
stop() {
  [ -n "${running[$1]:-}" ] || return 0
  kill -TERM "${running[$1]}"
  wait "${running[$1]}" || true
  unset "running[$1]"
}

# The program. Three dots stand for what other blocks have shown: the client's
# variables say it. Those of "client" are for nobody else.
client=()
sallyport() {
  local words=() word
  for word; do [ "$word" = ... ] || words+=("$word"); done
  case "${words[*]}" in
    "run config-file" | "server config-file") /usr/bin/sallyport "${words[@]}" ;;
    run | "run "*)
      start client "Sallyport is up" \
        env "${client[@]}" /usr/bin/sallyport "${words[@]}"
      ;;
    server | "server "*)
      start server "REST API and page" /usr/bin/sallyport "${words[@]}"
      ;;
    *) /usr/bin/sallyport "${words[@]}" ;;
  esac
}

sudo() {
  if [ "$1" = -u ]; then
    local user=$2
    shift 2
    setpriv --reuid "$user" --regid "$user" --init-groups -- "$@"
  else
    "$@"
  fi
}

# systemctl itself enables the unit, and systemd-analyze reads it. Then what the
# unit says is started as the user that it says.
systemctl() {
  if [ "$1 ${2:-}" != "enable --now" ]; then
    env SYSTEMD_OFFLINE=1 systemctl "$@"
    return
  fi
  env SYSTEMD_OFFLINE=1 systemctl enable "$3"
  local file=/etc/systemd/system/$3
  systemd-analyze verify "$file"
  local name user command
  name=$(sed -n 's/^ExecStart=[^ ]* \(run\|server\) .*/\1/p' "$file")
  user=$(sed -n 's/^User=//p' "$file")
  command=$(sed -n 's/^ExecStart=//p' "$file")
  install -d -m 700 -o "$user" -g "$user" "/var/lib/$user"
  case $name in
    server) set -- server "REST API and page" ;;
    run) set -- client "Sallyport is up" ;;
  esac
  start "$@" setpriv --reuid "$user" --regid "$user" --init-groups -- \
    env HOME=/ sh -c "exec $command"
}

# launchd is of macOS: only the file can be looked at.
launchctl() {
  [ "$1 $2" = "bootstrap system" ] && [ -s "$3" ]
}
