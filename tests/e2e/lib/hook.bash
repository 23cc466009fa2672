# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
# The hook program in a repository, with a script in the place of imagehook.

# Sets repo, clone, old (its tip) and zero.
hook_setup() {
	common_setup
	repo=$(make_bare r.git)
	clone=$(make_clone w)
	cp "$BUILD/imagehook-hook" "$repo/hooks/post-receive"
	commit "$clone" file
	old=$(git -C "$clone" rev-parse HEAD)
	zero=0000000000000000000000000000000000000000
}

# The worker: a shell script from stdin.
worker() {
	{ echo '#!/bin/sh' && cat; } >"$BASE/worker"
	chmod 755 "$BASE/worker"
}

# watch MS REF...
watch() {
	mkdir -p "$repo/imagehook/jobs"
	{
		printf 'imagehook watch 1\nprogram %s/worker\nforeground %s\n' "$BASE" "$1"
		shift
		[ $# -eq 0 ] || printf 'ref %s\n' "$@"
		echo end
	} >"$repo/imagehook/watch"
}

# A hook of others: chain NAME < SCRIPT
chain() {
	mkdir -p "$repo/hooks/post-receive.d"
	cat >"$repo/hooks/post-receive.d/$1"
	chmod 755 "$repo/hooks/post-receive.d/$1"
}

# Calls the hook as git does, with the given stdin.
call() {
	(cd "$repo" && GIT_DIR=. bounded hooks/post-receive)
}

jobs_waiting() {
	find "$repo/imagehook/jobs" -type f | wc -l
}
