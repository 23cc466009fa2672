#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The life of events and deliveries: what people see of them, what becomes of them in time.

load lib/common
load lib/capture
load lib/receiver

setup() {
	common_setup
	capture_start "$BASE/cap"
	repo=$(make_bare fleet.git)
	clone=$(make_clone work)
	receiver_allow "$repo"
	imagehook install "$repo" >/dev/null
}

teardown() {
	[ -z "${sender-}" ] || kill "$sender" || true
	capture_stop "$BASE/cap"
}

# kustomization NAME PATH
kustomization() {
	mkdir -p "$clone/apps"
	echo 'kind: ConfigMap' >"$clone/apps/config.yaml"
	cat >"$clone/$1.yaml" <<-YAML
		apiVersion: kustomize.toolkit.fluxcd.io/v1
		kind: Kustomization
		metadata:
		  name: $1
		  namespace: flux-system
		spec:
		  interval: 5m
		  path: $2
		  prune: true
		  sourceRef:
		    kind: GitRepository
		    name: flux-system
	YAML
}

push_all() {
	git -C "$clone" add -A
	git -C "$clone" commit -q --allow-empty -m change
	push "$clone" "$repo"
}

# event NAME SEVERITY MESSAGE [ARG...]
event() {
	imagehook event -C "$repo" --kind Kustomization --name "$1" --severity "$2" --message "$3" "${@:4}"
}

failed_once() {
	[ "$(query "SELECT count(*) FROM outbox WHERE status = 0 AND last_error LIKE 'not sent: %'")" -eq 1 ]
}

# for wait_for, which is a process of its own
export -f query failed_once

messages() {
	bodies | jq -r .message
}

@test "a failure that lasts is told again by the timer, when that is wanted" {
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" failures hook Kustomization 'eventSeverity: error'
	kustomization apps ./wrong
	push_all
	wait_for has_bodies 1
	imagehook run -C "$repo"
	has_bodies 1
	git --git-dir="$repo" config imagehook.remindAfter 1s
	tick() { imagehook run -C "$repo" && has_bodies 2; }
	export -f tick
	export repo
	# the next tick learns of it from a run
	imagehook run --now -C "$repo" || true
	wait_for tick
	run messages
	[ "${lines[1]}" = "${lines[0]}" ]
	git --git-dir="$repo" config --unset imagehook.remindAfter
	kustomization apps ./apps
	push_all
	imagehook deliver -C "$repo"
	run messages
	[ "${lines[-1]}" = "Checked revision: main@sha1:$(git -C "$clone" rev-parse HEAD)" ]
}

@test "what is old goes, what is in the tree stays" {
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" failures hook Kustomization 'eventSeverity: error'
	kustomization apps ./wrong
	kustomization gone ./wrong
	push_all
	wait_for has_bodies 2
	rm "$clone/gone.yaml"
	push_all
	event apps info 'of 91 days ago'
	query "UPDATE event SET time_ms = time_ms - 91 * 86400000 WHERE message = 'of 91 days ago';
		UPDATE object SET seen_ms = seen_ms - 31 * 86400000;
		DELETE FROM note WHERE name = 'pruned'"
	imagehook run --now -C "$repo" || true
	[ "$(query "SELECT count(*) FROM event WHERE message = 'of 91 days ago'")" -eq 0 ]
	[ "$(query "SELECT name FROM object WHERE kind = 'Kustomization'")" = apps ]
	[ "$(query 'SELECT count(*) FROM alert_state JOIN object ON id = object_id WHERE name = "apps"')" -eq 1 ]
}

# The list with its ids and times masked.
listed() {
	imagehook deliver -C "$repo" --list "$@" | sed -E -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/' \
		-e 's/[0-9]{4}-[0-9-]{5}T[0-9:]{8}Z/TIME/' -e 's/127\.0\.0\.1:[0-9]+/HOST/' -e 's/ *\t/|/g' -e 's/ *\|? *$//'
}

id_of() {
	imagehook deliver -C "$repo" --list -o json | jq -r ".[] | select(.provider == \"/flux-system/$1\") | .id"
}

@test "deliveries are listed, sent again and dropped" {
	receiver_provider "$clone" gone generic /status/410/
	receiver_alert "$clone" gone gone Kustomization
	receiver_provider "$clone" away generic /later/503/3600/
	receiver_alert "$clone" away away Kustomization
	push_all
	run listed
	[ "$output" = "imagehook: nothing waits, nothing was given up" ]
	run listed -o json
	[ "$output" = "[]" ]
	run event apps error 'apply failed'
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: 2 deliveries, 0 sent, 1 waiting" ]
	run listed
	[ "$output" = "ID|STATUS|PROVIDER|ATTEMPTS|DUE|LAST ERROR
ID|dead|flux-system/gone|1|TIME|postMessage failed: request failed: request failed with status code 410: {}
ID|waiting|flux-system/away|1|TIME|postMessage failed: request failed: request failed with status code 503: {}" ]
	run listed -o json
	[ "$(jq -c '.[0]' <<<"$output")" = '{"id":"ID","status":"dead","provider":"/flux-system/gone","alert":"/flux-system/gone","attempts":1,"createdAt":"TIME","dueAt":"TIME","expiresAt":"TIME","lastError":"postMessage failed: request failed: request failed with status code 410: {}"}' ]
	# sent again: given up again, and said so
	run imagehook deliver -C "$repo" --retry "$(id_of gone)"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "flux-system/gone $(id_of gone): postMessage failed: request failed: request failed with status code 410: {}" ]
	[ "${lines[1]}" = "imagehook: 0 sent, 1 waiting, 1 given up" ]
	[ "${lines[2]}" = "imagehook: not everything could be sent; see 'imagehook deliver --list'" ]
	# when the receiver is back, the same delivery is sent, once
	sed -i 's|/status/410/|/hook|' "$clone/gone.yaml"
	push_all
	run imagehook deliver -C "$repo" --retry "$(id_of gone)"
	[ "$status" -eq 0 ]
	[ "${lines[-2]}" = "imagehook: 1 sent, 1 waiting, 0 given up" ]
	[[ ${lines[-1]} == 'hint: the next is due at '* ]]
	[ "$(bodies /hook | jq -r .message)" = 'apply failed' ]
	run imagehook deliver -C "$repo" --drop "$(id_of away)"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run listed
	[ "$output" = "imagehook: nothing waits, nothing was given up" ]
}

@test "all that was given up is sent again, or dropped, at once; what waits stays" {
	receiver_provider "$clone" gone generic /status/410/
	receiver_alert "$clone" gone gone Kustomization
	receiver_provider "$clone" away generic /later/503/3600/
	receiver_alert "$clone" away away Kustomization
	push_all
	event apps error 'apply failed'
	event web error 'apply failed'
	run imagehook deliver -C "$repo" --retry all
	[ "$status" -eq 1 ]
	[ "$(grep -c '^flux-system/gone .* status code 410' <<<"$output")" -eq 2 ]
	[ "${lines[2]}" = 'imagehook: 0 sent, 2 waiting, 2 given up' ]
	run imagehook deliver -C "$repo" --drop all
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(imagehook deliver -C "$repo" --list -o json | jq -c '[.[].status]')" = '["waiting","waiting"]' ]
	run imagehook deliver -C "$repo" --drop all
	[ "$status" -eq 0 ]
	# and what waits is due when the receiver said
	local due
	due=$(imagehook deliver -C "$repo" --list -o json | jq -r '[.[].dueAt] | max')
	run imagehook deliver -C "$repo"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'imagehook: 0 sent, 2 waiting, 0 given up' ]
	[ "${lines[1]}" = "hint: the next is due at $due; see 'imagehook deliver --list'" ]
	[ "$(date -d "$due" +%s)" -gt "$(date +%s)" ]
}

@test "deliver says what it was asked that cannot be" {
	push_all
	run imagehook deliver -C "$repo" --retry nothing
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: no waiting or dead delivery 'nothing'" ]
	run imagehook deliver -C "$repo" --drop nothing
	[ "$status" -eq 1 ]
	[ "$output" = "imagehook: no waiting or dead delivery 'nothing'" ]
	run imagehook deliver -C "$repo" --list --drop x
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "imagehook: one of --all, --list, --retry and --drop" ]
	run imagehook deliver -C "$repo" -o json
	[ "$status" -eq 2 ]
	run imagehook deliver -C "$repo"
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: 0 sent, 0 waiting, 0 given up" ]
}

# The table without the times.
seen() {
	imagehook events -C "$repo" "$@" | sed -E -e 's/[0-9]+s /AGE /' -e 's/over [0-9]+s/over AGE/' -e 's/ *\t/|/g' -e 's/ *\|? *$//'
}

@test "events are shown newest first, and by what one asks for" {
	kustomization apps ./apps
	push_all
	wait_for bash -c 'test "$(imagehook events -C "$1" -o json | jq length)" -ge 2' _ "$repo"
	event apps error 'apply failed' --reason BuildFailed
	event apps error 'apply failed' --reason BuildFailed
	event infra info 'all is well' -n other
	run seen
	[ "$output" = "LAST SEEN|TYPE|REASON|OBJECT|MESSAGE
AGE|Normal|Succeeded|Kustomization/infra|all is well
AGE (x2 over AGE)|Warning|BuildFailed|Kustomization/apps|apply failed
AGE|Normal|ReconciliationSucceeded|Kustomization/apps|Checked revision: main@sha1:$(git -C "$clone" rev-parse HEAD)
AGE|Normal|NewArtifact|GitRepository/flux-system|stored artifact for commit 'change'" ]
	run seen -A --limit 1
	[ "$output" = "NAMESPACE|LAST SEEN|TYPE|REASON|OBJECT|MESSAGE
other|AGE|Normal|Succeeded|Kustomization/infra|all is well" ]
	run seen --for ks/apps --severity error
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == *'apply failed' ]]
	run seen --kind git
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == *NewArtifact* ]]
	run seen --types Warning
	[ "${#lines[@]}" -eq 2 ]
	run seen --types Normal,Warning -n other
	[ "${#lines[@]}" -eq 2 ]
	run imagehook events -C "$repo" --for Kustomization/none
	[ "$status" -eq 0 ]
	[ "$output" = "imagehook: no events found" ]
	run imagehook events -C "$repo" --for Kustomization/none -o json
	[ "$output" = "[]" ]
	run imagehook events -C "$repo" --types Odd
	[ "$status" -eq 2 ]
	run imagehook events -C "$repo" extra
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "imagehook: unexpected 'extra'" ]
	run imagehook events -C "$repo" --for ks/apps --types Warning -o json
	[ "$(jq -c '.[0] | del(.timestamp, .firstTimestamp)' <<<"$output")" = '{"involvedObject":{"kind":"Kustomization","namespace":"flux-system","name":"apps"},"severity":"error","message":"apply failed","reason":"BuildFailed","metadata":{},"transition":"new","count":2}' ]
}

@test "an event tells whether it is new, a repetition or a recovery" {
	kustomization apps ./wrong
	push_all
	kustomization infra ./apps
	push_all
	kustomization apps ./apps
	push_all
	wait_for bash -c 'imagehook events -C "$1" --for ks/apps -o json | jq -e "length == 3"' _ "$repo"
	run imagehook events -C "$repo" --for ks/apps -o json
	[ "$(jq -r '.[] | "\(.severity) \(.transition)"' <<<"$output")" = "info recovery
error repetition
error new" ]
}

@test "an event is one line, whatever its message holds" {
	push_all
	printf '{"involvedObject": {"kind": "Kustomization", "namespace": "flux-system", "name": "apps",
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1"}, "severity": "info", "reason": "Succeeded",
		"message": "a\\n\\n b\\tc \xe2\x80\xae d\\n", "reportingController": "x"}' | imagehook event -C "$repo"
	run seen --for ks/apps
	[ "${lines[1]}" = 'AGE|Normal|Succeeded|Kustomization/apps|a  b c \u{202e} d' ]
}

@test "events --watch goes on with what is written later, whatever time it tells" {
	push_all
	event apps error 'before'
	imagehook events -C "$repo" --watch -o json >"$BASE/watched" 3>&- &
	local pid=$!
	wait_for grep -q before "$BASE/watched"
	event apps error 'before'
	wait_for grep -q '"count":2' "$BASE/watched"
	imagehook event -C "$repo" <<-'JSON'
		{"involvedObject": {"kind": "Kustomization", "namespace": "flux-system", "name": "apps",
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1"}, "severity": "info", "reason": "Succeeded",
		"timestamp": "2001-02-03T04:05:06Z", "message": "of another time", "reportingController": "x"}
	JSON
	wait_for grep -q 'of another time' "$BASE/watched"
	kill "$pid"
	wait "$pid" || true
	[ "$(jq -r 'select(.involvedObject.kind == "Kustomization") | "\(.count) \(.message)"' "$BASE/watched")" = "1 before
2 before
1 of another time" ]
}

# status and last error of each row that was not sent
left() {
	imagehook deliver -C "$repo" --list -o json | jq -r '.[] | "\(.status) \(.provider) \(.lastError)"'
}

send_now() {
	query 'UPDATE outbox SET due_ms = 0'
	imagehook deliver -C "$repo" || true
}

@test "what waited for a day is given up unsent, and lives another day when it is retried" {
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" all hook Kustomization
	push_all
	# what the push began would take part
	wait_for bash -c '! pgrep -f "[w]orker --repo $1"' _ "$repo"
	git --git-dir="$repo" config imagehook.write none
	event apps info old >/dev/null
	event apps info new >/dev/null
	git --git-dir="$repo" config imagehook.write direct
	query "UPDATE outbox SET created_ms = created_ms - 86400001, due_ms = due_ms - 86400001, expires_ms = expires_ms - 86400001
		WHERE payload LIKE '%\"old\"%'"
	run imagehook deliver -C "$repo"
	[ "$status" -eq 1 ]
	[ "${lines[-2]}" = "imagehook: 1 sent, 0 waiting, 1 given up" ]
	[ "$(messages)" = new ]
	[ "$(left)" = "dead /flux-system/hook it waited too long to be of use" ]
	run imagehook deliver -C "$repo" --retry "$(id_of hook)"
	[ "$status" -eq 0 ]
	[ "$(messages)" = "new
old" ]
	[ -z "$(left)" ]
}

@test "notifyHost: other hosts get nothing, and the pusher reads it" {
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" all hook Kustomization
	git --git-dir="$repo" config imagehook.notifyHost '*.example.com'
	run push_all
	[ "$status" -eq 0 ]
	[[ $(tr -s ' \n' ' ' <<<"$output") == *"Provider flux-system/hook: the host '127.0.0.1' is not permitted here (imagehook.notifyHost)"* ]]
	run event apps info one
	[ "$output" = "imagehook: 1 delivery, 0 sent, 1 waiting" ]
	[ "$(left)" = "waiting /flux-system/hook not sent: the host '127.0.0.1' is not permitted here (imagehook.notifyHost)" ]
	[ "$(requests)" -eq 0 ]
	git --git-dir="$repo" config imagehook.notifyHost '127.0.0.*'
	imagehook deliver -C "$repo" --retry "$(id_of hook)"
	[ "$(messages)" = one ]
}

@test "a provider that is suspended or gone keeps what waits for it, and takes it when it is back" {
	export -f left
	export repo
	receiver_provider "$clone" hook generic /hook 'suspend: true'
	receiver_alert "$clone" all hook Kustomization
	push_all
	run event apps info none
	[ "$output" = "imagehook: 0 deliveries, 0 sent, 0 waiting
  no alert takes it, or it was told before and lasts" ]
	sed -i '/suspend/d' "$clone/hook.yaml"
	push_all
	touch "$BASE/cap/fail"
	event apps info one >/dev/null
	rm "$BASE/cap/fail" "$BASE"/cap/request-*
	echo '  suspend: true' >>"$clone/hook.yaml"
	push_all
	# the push's worker or this one: whoever comes first
	send_now
	wait_for bash -c 'left | grep -qx "waiting /flux-system/hook not sent: the provider is suspended"'
	mv "$clone/hook.yaml" "$BASE"
	push_all
	send_now
	wait_for bash -c 'left | grep -qx "waiting /flux-system/hook not sent: the provider is not in the tree any more"'
	[ "$(requests)" -eq 1 ]
	sed '/suspend/d' "$BASE/hook.yaml" >"$clone/hook.yaml"
	push_all
	send_now
	wait_for has_bodies 1
	[ "$(messages)" = one ]
}

@test "what waited for its secret goes with the next run once that is stored" {
	receiver_provider "$clone" late generic /late 'secretRef: {name: late}'
	receiver_alert "$clone" late late Kustomization
	kustomization apps ./wrong
	push_all
	wait_for failed_once
	run imagehook deliver -C "$repo" --list
	[[ $output == *"not sent: secret 'flux-system/late' not found"* ]]
	printf 'http://%s/late' "$CAPTURE" | imagehook secret set -C "$repo" flux-system/late address
	imagehook run -C "$repo" || true
	wait_for has_bodies 1
}

@test "what waited for its document goes with the push that mends it" {
	receiver_provider "$clone" typo generic /typo
	sed -i 's/127.0.0.1:/10.0.0.1:/' "$clone/typo.yaml"
	receiver_alert "$clone" typo typo Kustomization
	kustomization apps ./wrong
	push_all
	wait_for failed_once
	sed -i 's/10.0.0.1:/127.0.0.1:/' "$clone/typo.yaml"
	push_all
	wait_for has_bodies 1
}

@test "who asks to deliver is not told to wait for what they just changed" {
	git --git-dir="$repo" config --unset-all imagehook.allowHost
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" hook hook Kustomization
	kustomization apps ./wrong
	push_all
	wait_for failed_once
	receiver_allow "$repo"
	diff - <(imagehook deliver -C "$repo" | tail -1) <<<'imagehook: 1 sent, 0 waiting, 0 given up'
	has_bodies 1
}

# One receiver never answers.
one_hangs() {
	receiver_provider "$clone" away generic /hang/ 'timeout: 60s'
	receiver_alert "$clone" away away Kustomization
	receiver_provider "$clone" hook generic /hook
	receiver_alert "$clone" hook hook Kustomization
	push_all
}

# COMMAND...: `sender` is at it until the test has ended
send_with() {
	"$@" >/dev/null 3>&- &
	sender=$!
}

hang() {
	one_hangs
	send_with event apps info one
	wait_for has_bodies 1 /hang/
	wait_for has_bodies 1 /hook
}

@test "a receiver that hangs holds up nobody else's next message" {
	hang
	event apps info two >/dev/null 3>&- &
	wait_for has_bodies 2 /hook
	[ "$(bodies /hook | jq -r .message)" = "one
two" ]
	# its own wait behind the first
	[ "$(bodies /hang/ | jq -r .message)" = one ]
	kill -0 "$sender"
	wait "$!"
}

@test "a receiver that hangs holds up nobody else's next attempt" {
	receiver_provider "$clone" twice generic /once/status/503/
	receiver_alert "$clone" twice twice Kustomization
	hang
	wait_for has_bodies 2 /once/
	kill -0 "$sender"
}

@test "a receiver that hangs holds up nothing that a push tells, also to whom it brings" {
	hang
	receiver_provider "$clone" late generic /late
	receiver_alert "$clone" late late Kustomization
	kustomization apps ./wrong
	push_all
	wait_for has_bodies 1 /late
	wait_for has_bodies 2 /hook
	[ "$(requests /hang/)" -eq 1 ]
	kill -0 "$sender"
}

@test "a receiver that hangs holds up nothing of another's long queue, in its order" {
	local n
	one_hangs
	git --git-dir="$repo" config imagehook.write none
	for n in {1..55}; do event apps info "$n" >/dev/null; done
	git --git-dir="$repo" config imagehook.write direct
	send_with imagehook deliver -C "$repo"
	wait_for has_bodies 55 /hook
	[ "$(bodies /hook | jq -r .message)" = "$(seq 55)" ]
	[ "$(bodies /hang/ | jq -r .message)" = 1 ]
	kill -0 "$sender"
}

@test "who changes the rules is heard while a receiver hangs" {
	hang
	git --git-dir="$repo" config --unset-all imagehook.allowHost
	event apps info two >/dev/null 3>&- &
	wait_for failed_once
	[[ $(left) == *"waiting /flux-system/hook not sent: no usable answer from '$CAPTURE'"* ]]
	receiver_allow "$repo"
	query "UPDATE outbox SET due_ms = 0 WHERE last_error <> ''"
	wait_for has_bodies 2 /hook
	"$IMAGEHOOK" suspend alert-provider hook -C "$repo"
	query "UPDATE outbox SET status = 0, due_ms = 0 WHERE provider LIKE '%/hook'"
	wait_for failed_once
	[[ $(left) == *'not sent: the provider is suspended'* ]]
	[ "$(requests /hook)" -eq 2 ]
	kill -0 "$sender"
}
