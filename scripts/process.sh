# process.sh - what up and down share; sourced, with $data set to an absolute path.
# shellcheck shell=sh disable=SC2034,SC2154

# Everything that runs for a data folder, in the order in which it starts.
all='runner web hook wait auth nginx'

# The process id of $1, if its pid file names a live process of this folder.
# A pid is used again after its process died, so the process itself is asked.
pid_of()
{
	[ -s "$data/run/$1.pid" ] || return 1
	read -r pid <"$data/run/$1.pid"
	kill -0 "$pid" 2>/dev/null || return 1
	is_ours "$1" "/proc/$pid" || return 1
	echo "$pid"
}

# nginx overwrites its environment and keeps its arguments.
is_ours()
{
	[ -d /proc/1 ] || return 0
	if [ "$1" = nginx ]; then
		tr '\0' '\n' <"$2/cmdline" |
		    grep -qF -- "-c $data/nginx/frontdesk.conf"
	else
		tr '\0' '\n' <"$2/environ" |
		    grep -qxF "FRONTDESK_DATA=$data"
	fi
} 2>/dev/null
