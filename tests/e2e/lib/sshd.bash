# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# A real sshd of this user on a loopback port of its own; nothing of the host's is read.
#
#   sshd_start DIR    starts one with its files in DIR; sets SSHD_URL to ssh://USER@127.0.0.1:PORT and
#                     GIT_SSH_COMMAND so that git logs in there with a key of its own
#   sshd_stop DIR
#
# As root sshd wants the folder /run/sshd, which is made; logins are root's then.

sshd_start() {
	local dir=$1 port try
	mkdir -p "$dir" && chmod 700 "$dir" || return
	ssh-keygen -q -t ed25519 -N '' -C host -f "$dir/host_key" || return
	ssh-keygen -q -t ed25519 -N '' -C client -f "$dir/key" || return
	cp "$dir/key.pub" "$dir/authorized_keys"
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	for try in 1 2 3 4 5 6 7 8; do
		port=$((20000 + (RANDOM + try) % 20000))
		sshd_config "$dir" "$port" >"$dir/sshd_config"
		if sshd_launch "$dir"; then
			SSHD_URL=ssh://$(id -un)@127.0.0.1:$port
			export GIT_SSH_COMMAND="ssh -F /dev/null -i $dir/key -o IdentitiesOnly=yes \
-o UserKnownHostsFile=$dir/known_hosts -o StrictHostKeyChecking=no -o LogLevel=ERROR"
			return 0
		fi
	done
	cat "$dir/log" >&2
	return 1
}

sshd_config() {
	printf 'Port %s\nListenAddress 127.0.0.1\nHostKey %s/host_key\nPidFile none\n' "$2" "$1"
	printf 'AuthorizedKeysFile %s/authorized_keys\nStrictModes no\nUsePAM no\n' "$1"
	printf 'PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n'
	printf 'AcceptEnv GIT_PROTOCOL\nMaxStartups 100\n'
}

# Waits for the line that tells that it listens; fails when it ends before.
sshd_launch() {
	local dir=$1 line='' follower
	: >"$dir/log"
	/usr/sbin/sshd -D -e -f "$dir/sshd_config" 2>"$dir/log" 3>&- &
	echo $! >"$dir/pid"
	exec {follower}< <(exec tail -n +1 -f --pid="$!" "$dir/log" 3>&- 2>/dev/null)
	while read -r line <&"$follower"; do
		[[ $line != *'Server listening'* ]] || break
	done
	exec {follower}<&-
	[[ $line == *'Server listening'* ]]
}

sshd_stop() {
	[ -f "$1/pid" ] || return 0
	kill "$(cat "$1/pid")" 2>/dev/null
	rm -f "$1/pid"
}
