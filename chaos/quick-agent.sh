#!/bin/sh
# A task's agent that takes a few milliseconds: a shell that starts nothing. $1 is the directory where the agents of a
# project write down what they do: one file for each start, `<task>/<pid>.<start of the process>`, that holds
# `begin <attempt> <fence of the boot clock>` and, once it is done, `end …`; and below it who was alive beside it.
set -u
marks=$1/$CW_TASK_ID
read -r stat < /proc/$$/stat
set -- $stat
shift 21
self=$$.$1
