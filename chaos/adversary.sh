#!/bin/sh
# Everything that a program can do to outlive who started it: nine processes in eight roles. Each holds the file of
# its tree open as number 9, which no change of name, environment, session or parent takes away.
# adversary.sh <directory> <node>: the main role; the others are started from it.
role=${3:-main}
case $role in
main)
  token=$(mktemp "$1/tree.XXXXXX")
  exec 9>>"$token"
  trap '' TERM
  sh "$0" "$1" "$2" child &
  sh "$0" "$1" "$2" deaf &
  setsid sh "$0" "$1" "$2" child &
  setsid sh "$0" "$1" "$2" orphan child &
  env -i PATH="$PATH" setsid sh "$0" "$1" "$2" orphan child &
  env -i PATH="$PATH" setsid sh "$0" "$1" "$2" orphan titled &
  setsid sh "$0" "$1" "$2" respawn none &
  while :; do sleep 5; done
  ;;
child) while :; do sleep 5; done ;;
deaf)
  trap '' TERM HUP INT
  while :; do sleep 5; done
  ;;
orphan) sh "$0" "$1" "$2" "$4" & ;;
# Overwrites its arguments, and has no environment.
titled) exec env -i "$2" --jitless -e 'process.title = "x".repeat(4000); setInterval(() => {}, 1e6)' ;;
respawn)
  peer=$4
  while :; do
    kill -0 "$peer" 2>/dev/null || {
      setsid sh "$0" "$1" "$2" respawn $$ &
      peer=$!
    }
    sleep 0.2
  done
  ;;
esac
