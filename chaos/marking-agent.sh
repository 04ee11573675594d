# An agent that takes a few milliseconds, because it is a shell that starts nothing. It is given two paths: a file of
# commands, which say what it does for $CW_TASK_ID as $CW_ROLE, and a directory that has one below it for each task.
# There it writes down for every start, in a file named after its process, when it began (s since the boot), which
# other agents of its task were alive then, and when it ended.
set -u
script=$1 marks=$2/$CW_TASK_ID
read -r stat < /proc/$$/stat
set -- $stat
self=$$-${22}
read -r now idle < /proc/uptime
# Written before looking: of two that start at once, one at least sees the other.
printf 'begin %s %s %s\n' "$now" "$CW_ATTEMPT" "$CW_SESSION" > "$marks/$self"
for mark in "$marks"/*; do
  other=${mark##*/}
  test "$other" != "$self" && test -r "/proc/${other%-*}/stat" || continue
  # It may end in between.
  { read -r stat < "/proc/${other%-*}/stat"; } 2>/dev/null || continue
  set -- $stat
  test "${other#*-}" = "${22}" && test "$3" != Z && printf 'beside %s\n' "$other" >> "$marks/$self"
done
. "$script"
read -r now idle < /proc/uptime
printf 'end %s\n' "$now" >> "$marks/$self"
