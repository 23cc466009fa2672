#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The program that git calls, with a script in the place of imagehook.
# shellcheck disable=SC2016

load lib/common
load lib/hook
load lib/sshd

setup() {
	hook_setup
}

teardown() {
	sshd_stop "$BASE/sshd"
}

@test "a push to a ref that nobody watches says and starts nothing" {
	worker <<<'echo started >"${0%/*}/started"'
	watch 5000 refs/heads/main
	run push "$clone" "$repo" HEAD:other
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	[ "$(jobs_waiting)" -eq 0 ]
	[ ! -e "$BASE/started" ]
}

@test "a push to a watched ref leaves a job and shows what the worker says" {
	worker <<'END'
echo "imagehook: main is now at 3f2c1ab (1 image updated)"
echo "  flux-system/grade-api  1.5.2 -> 1.5.3"
echo "imagehook: run 'git pull --rebase' before your next push"
printf '%s\n' "$@" >"${0%/*}/args"
END
	watch 5000 refs/heads/main
	run push "$clone" "$repo"
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: main is now at 3f2c1ab (1 image updated)
  flux-system/grade-api  1.5.2 -> 1.5.3
imagehook: run 'git pull --rebase' before your next push" ]
	[ "$(head -n 5 "$BASE/args")" = "hook
worker
--repo
$repo
--outer" ]
	[[ $(tail -n 1 "$BASE/args") =~ ^[1-9][0-9]*$ ]] # git, which runs the hook
	[ "$(jobs_waiting)" -eq 1 ]
	[ "$(grep '^line ' "$repo"/imagehook/jobs/*)" = "line $zero $old refs/heads/main" ]
}

@test "what is no line of ours is marked, control characters are escaped" {
	worker <<'END'
printf 'loader: no such library\n'
printf 'imagehook: a\033[31mb\r\302\205\377 \303\244\n'
printf 'imagehook: no line feed'
END
	watch 5000 refs/heads/main
	run push "$clone" "$repo"
	[ "$output" = 'imagehook: loader: no such library
imagehook: a\x1b[31mb\x0d\x85\xff ä
imagehook: no line feed' ]
}

@test "more than the output budget is dropped, and the worker is not held up" {
	mkfifo "$BASE/ended"
	worker <<'END'
i=0
while [ $i -lt 3000 ]; do
	echo "imagehook: 0123456789012345678901234567890123456789012345678901234567890"
	i=$((i + 1))
done
echo ended >"${0%/*}/ended"
END
	watch 5000 refs/heads/main
	push "$clone" "$repo" >"$BASE/seen" &
	[ "$(bounded cat "$BASE/ended")" = ended ]
	wait $!
	[ "$(wc -c <"$BASE/seen")" -le 16384 ]
	[ "$(wc -c <"$BASE/seen")" -gt 12000 ]
}

@test "a worker that is not done in time goes on without the push" {
	mkfifo "$BASE/go" "$BASE/ended"
	worker <<'END'
echo "imagehook: 3 registries to ask"
read -r line <"${0%/*}/go"
echo "ended after $line" >"${0%/*}/ended"
END
	watch 300 refs/heads/main
	run bounded git -C "$clone" push -q "$repo" HEAD:main
	[ "$status" -eq 0 ]
	[[ $output == *"imagehook: 3 registries to ask"*"the work goes on in the background; the push is done"* ]]
	echo 'the push' >"$BASE/go"
	[ "$(bounded cat "$BASE/ended")" = "ended after the push" ]
}

@test "a worker that closed its output in good order is not waited for" {
	mkfifo "$BASE/go" "$BASE/ended"
	worker <<'END'
printf 'imagehook: said\n\000never seen\n'
exec >&- 2>&-
read -r line <"${0%/*}/go"
echo ended >"${0%/*}/ended"
END
	watch 15000 refs/heads/main
	run push "$clone" "$repo"
	[ "$output" = "imagehook: said" ]
	echo >"$BASE/go"
	[ "$(bounded cat "$BASE/ended")" = ended ]
}

@test "a pusher who is gone does not block the hook: its pipe is full" {
	worker <<<'i=0; while [ $i -lt 100 ]; do echo "imagehook: line $i"; i=$((i + 1)); done'
	watch 500 refs/heads/main
	mkfifo "$BASE/pipe"
	exec 9<>"$BASE/pipe"
	dd if=/dev/zero of="$BASE/pipe" bs=65536 count=1 oflag=nonblock status=none
	cd "$repo"
	echo "$zero $old refs/heads/main" | GIT_DIR=. timeout 10 hooks/post-receive >&9 2>&9
	exec 9>&-
}

@test "a pusher who is gone does not block the hook: its pipe is broken" {
	mkfifo "$BASE/ended"
	worker <<'END'
trap '' PIPE
echo "imagehook: line"
echo "imagehook: line"
echo ended >"${0%/*}/ended"
END
	watch 5000 refs/heads/main
	cd "$repo"
	{ echo "$zero $old refs/heads/main" | GIT_DIR=. timeout 10 hooks/post-receive 2>&1; echo $? >"$BASE/rc"; } | true &
	[ "$(bounded cat "$BASE/ended")" = ended ]
	wait
	[ "$(cat "$BASE/rc")" -eq 0 ]
}

@test "the worker gets three descriptors, default signals, a session of its own" {
	worker <<'END'
readlink /proc/$$/cwd >"${0%/*}/cwd"
cd /proc/$$/fd || exit
# no pipe: the shell would hold its ends while ls looks
ls >"${0%/*}/list"
# 10 to 19 are the shell's own: its script, and what it saves for a redirection
grep -vx '1[0-9]' "${0%/*}/list" | tr '\n' ' ' >"${0%/*}/fds"
echo >>"${0%/*}/fds"
readlink 0 >>"${0%/*}/fds"
[ "$(readlink 1)" = "$(readlink 2)" ] && echo same >>"${0%/*}/fds"
grep -E "^Sig(Ign|Blk)" /proc/self/status >"${0%/*}/signals"
cut -d' ' -f6 /proc/$$/stat >"${0%/*}/session"
END
	watch 5000 refs/heads/main
	cd "$repo"
	trap '' HUP INT TERM PIPE USR1
	echo "$zero $old refs/heads/main" |
		GIT_DIR=. bounded hooks/post-receive 3</dev/null 5<"$repo/HEAD" 251>"$BASE/leak"
	trap - HUP INT TERM PIPE USR1
	[ "$(head -n 1 "$BASE/fds")" = "0 1 2 " ]
	[ "$(tail -n 2 "$BASE/fds")" = "/dev/null
same" ]
	# 32 and 33 are the C library's own: posix_spawn(), as make uses it, leaves them ignored
	[ "$(tr -d '\t' <"$BASE/signals" | sed 's/Ign:0000000180000000/Ign:0000000000000000/')" = "SigBlk:0000000000000000
SigIgn:0000000000000000" ]
	[ "$(cat "$BASE/session")" -ne "$(cut -d' ' -f6 /proc/$$/stat)" ]
	[ "$(cat "$BASE/cwd")" = / ]
}

@test "nothing of the pusher's environment reaches the worker" {
	worker <<<'tr "\000" "\n" </proc/$$/environ | sort >"${0%/*}/env"'
	watch 5000 refs/heads/main
	export HTTP_AUTHORIZATION='Basic c2VjcmV0' IMAGEHOOK_WRITE=direct GIT_TRACE=1 LD_LIBRARY_PATH=/x
	export https_proxy=http://127.0.0.1:1 SSL_CERT_FILE=/x GIT_CONFIG_COUNT=0 LC_ALL=xx TZ=Mars
	cd "$repo"
	echo "$zero $old refs/heads/main" | GIT_DIR=. bounded hooks/post-receive
	home=$(getent passwd "$(id -u)" | cut -d: -f6)
	[ "$(cat "$BASE/env")" = "HOME=$home
LANG=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TZ=UTC" ]
	run grep -r c2VjcmV0 "$repo/imagehook"
	[ "$status" -eq 1 ]
}

@test "the claimed pusher is in the job, on one line" {
	worker <<<:
	watch 5000 refs/heads/main
	cd "$repo"
	echo "$zero $old refs/heads/main" | REMOTE_USER=$'ann\nline x' GIT_DIR=. bounded hooks/post-receive
	[ "$(grep -h '^pusher' imagehook/jobs/*)" = "pusher ann?line x" ]
}

@test "100,000 lines: none watched, and the last one watched" {
	worker <<<'echo "imagehook: here"'
	watch 5000 refs/heads/main
	seq -f "$zero $old refs/tags/v%.0f" 100000 >"$BASE/lines"
	run call <"$BASE/lines"
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	echo "$zero $old refs/heads/main" >>"$BASE/lines"
	run call <"$BASE/lines"
	[ "$output" = "imagehook: here" ]
	[ "$(jobs_waiting)" -eq 1 ]
	[ "$(grep -c '^line ' "$repo"/imagehook/jobs/*)" -eq 1 ]
}

@test "100,000 refs in one real push" {
	worker <<<'echo "imagehook: here"'
	watch 5000 refs/heads/main
	seq -f "create refs/tags/v%.0f $old" 100000 | git -C "$clone" update-ref --stdin
	run push "$clone" "$repo" 'refs/tags/*:refs/tags/*' HEAD:main
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: here" ]
}

@test "SHA-256 names, deletions, creations" {
	worker <<<:
	watch 5000 refs/heads/main
	wide=$(printf '%064d' 7)
	printf '%s\n' "$wide $(printf '%064d' 0) refs/heads/main" | call
	printf '%s\n' "$old $zero refs/heads/main" | call
	printf '%s\n' "$zero $old refs/heads/main" | call
	[ "$(grep -h '^line' "$repo"/imagehook/jobs/* | sort)" = "$(sort <<<"line $wide $(printf '%064d' 0) refs/heads/main
line $old $zero refs/heads/main
line $zero $old refs/heads/main")" ]
}

@test "a broken program neither fails nor silences the push" {
	watch 5000 refs/heads/main
	line="$zero $old refs/heads/main"
	printf '\177ELFbroken' >"$BASE/worker"
	chmod 755 "$BASE/worker"
	run call <<<"$line"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "imagehook: the program cannot run; tell this server's admin" ]
	worker <<<'kill -SEGV $$'
	run call <<<"$line"
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: the program died of signal 11; tell this server's admin" ]
	worker <<<'echo "libx.so.1: cannot open shared object file" >&2; exit 127'
	run call <<<"$line"
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: libx.so.1: cannot open shared object file
imagehook: the program failed with status 127; tell this server's admin" ]
}

@test "a missing, damaged or outdated watch file watches every branch" {
	worker <<<'echo "imagehook: here"'
	watch 5000 refs/heads/main
	run call <<<"$zero $old refs/heads/other"
	[ "$output" = "" ]
	# made from another HEAD
	sed -i "s|^end|from 1 2 3 $repo/HEAD\nend|" "$repo/imagehook/watch"
	run call <<<"$zero $old refs/heads/other"
	[ "$output" = "imagehook: here" ]
	run call <<<"$zero $old refs/tags/v1"
	[ "$output" = "" ]
	sed -i '$d' "$repo/imagehook/watch"
	run call <<<"$zero $old refs/heads/other"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "imagehook: the watch file is damaged; tell this server's admin" ]
	# a watch file that others can write names no program
	watch 5000 refs/heads/main
	chmod 666 "$repo/imagehook/watch"
	run call <<<"$zero $old refs/heads/other"
	[[ $output != *"imagehook: here"* ]]
	rm "$repo/imagehook/watch"
	rm -f "$repo"/imagehook/jobs/*
	run call <<<"$zero $old refs/heads/other"
	[ "$status" -eq 0 ]
	[ "$(jobs_waiting)" -eq 1 ]
}

@test "a spool that cannot be written does not keep the worker from starting" {
	worker <<<'echo "imagehook: here"'
	watch 5000 refs/heads/main
	rm -r "$repo/imagehook/jobs"
	echo >"$repo/imagehook/jobs"
	run call <<<"$zero $old refs/heads/main"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "imagehook: this push cannot be noted; tell this server's admin" ]
	[ "${lines[-1]}" = "imagehook: here" ]
}

@test "called by hand it says what it is and does not wait" {
	worker <<<'echo never'
	watch 5000 refs/heads/main
	cd "$repo"
	for how in terminal closed empty; do
		case $how in
		terminal) run bounded script -qec hooks/post-receive /dev/null ;;
		closed) run bounded bash -c 'exec hooks/post-receive <&-' ;;
		empty) run bounded hooks/post-receive </dev/null ;;
		esac
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == "imagehook: this is a Git hook (post-receive), called by Git after a push"* ]]
	done
	run hooks/post-receive --version
	[[ $output =~ ^imagehook-hook\ version\ [0-9.]+$ ]]
}

@test "junk on stdin, closed output and a folder that is no repository do no harm" {
	worker <<<'echo never'
	watch 5000 refs/heads/main
	run call <<<'this is no ref line'
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	head -c 100000 /dev/urandom >"$BASE/junk"
	run call <"$BASE/junk"
	[ "$status" -eq 0 ]
	cd "$repo"
	echo "$zero $old refs/heads/main" | GIT_DIR=. bounded hooks/post-receive >&- 2>&-
	cd "$BASE"
	run bounded "$repo/hooks/post-receive" <<<"$zero $old refs/heads/main"
	[ "$status" -eq 0 ]
}

@test "inside a push's quarantine nothing is done" {
	chain 00-previous <<<'#!/bin/sh
echo deployed'
	worker <<<'echo never'
	watch 5000 refs/heads/main
	mv "$repo/hooks/post-receive" "$repo/hooks/pre-receive"
	run push "$clone" "$repo"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "imagehook: called before the push was accepted; nothing is done here" ]
	[[ $output != *deployed* ]]
	[ "$(jobs_waiting)" -eq 0 ]
	# Gitaly hides the variable that git sets
	cd "$repo"
	mkdir objects/tmp
	run env GIT_DIR=. GIT_OBJECT_DIRECTORY="$repo/objects/tmp" hooks/pre-receive <<<"$zero $old refs/heads/main"
	[ "${lines[0]}" = "imagehook: called before the push was accepted; nothing is done here" ]
	run env GIT_DIR=. GIT_OBJECT_DIRECTORY="$repo/./objects" hooks/pre-receive <<<"$zero $old refs/heads/main"
	[[ $output == *never* ]]
}

@test "over ssh: output, deadline, and a client that is killed" {
	sshd_start "$BASE/sshd"
	url=$SSHD_URL$repo
	mkfifo "$BASE/go" "$BASE/there" "$BASE/ended"
	worker <<<'echo "imagehook: over ssh"'
	watch 5000 refs/heads/main
	run push "$clone" "$url"
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: over ssh" ]

	worker <<'END'
dir=${0%/*}
echo "imagehook: at work"
echo "$(cut -d' ' -f4 /proc/$$/stat)" >"$dir/there"
trap '' PIPE
read -r line <"$dir/go"
i=0
while [ $i -lt 2000 ]; do
	echo "imagehook: 0123456789012345678901234567890123456789012345678901234567890"
	i=$((i + 1))
done 2>/dev/null
echo ended >"$dir/ended"
END
	# the push returns although the worker lives
	watch 300 refs/heads/main
	commit "$clone" file
	push "$clone" "$url" >"$BASE/seen" &
	hook=$(bounded cat "$BASE/there")
	bounded tail --pid=$! -f /dev/null
	wait $!
	[ "$(cat "$BASE/seen")" = "imagehook: at work
imagehook: the work goes on in the background; the push is done" ]
	echo >"$BASE/go"
	[ "$(bounded cat "$BASE/ended")" = ended ]

	# the client is killed: hook and worker end by themselves
	watch 5000 refs/heads/main
	commit "$clone" file
	setsid git -C "$clone" push -q "$url" HEAD:main 3>&- &
	client=$!
	hook=$(bounded cat "$BASE/there")
	kill -KILL -- "-$client"
	echo >"$BASE/go"
	[ "$(bounded cat "$BASE/ended")" = ended ]
	wait_gone "$hook"
	[ "$(git --git-dir="$repo" rev-parse main)" = "$(git -C "$clone" rev-parse HEAD)" ]
}
