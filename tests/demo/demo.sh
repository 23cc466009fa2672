#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The main job on real input, in a private folder on loopback: a registry with images, a bare repository, a
# push of Flux documents, and the commits that follow. Cleans up.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
export PATH=$top/build:$PATH
# shellcheck source=tests/e2e/lib/registry.bash
. "$top/tests/e2e/lib/registry.bash"

work=$(mktemp -d "${TMPDIR:-/tmp}/imagehook-demo.XXXXXX")
receiver=
clean_up() {
	[ -z "$receiver" ] || kill "$receiver"
	registry_stop "$work/registry"
	rm -rf "$work"
}
trap clean_up EXIT

# nobody's own settings play a part, and nothing outside the folder is touched
export HOME=$work/home GIT_CONFIG_GLOBAL=$work/home/.gitconfig GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
git config --global init.defaultBranch main
git config --global user.name 'Demo User'
git config --global user.email demo@example.org

say() {
	printf '\n\033[1m== %s\033[0m\n' "$*"
}
show() {
	printf '$ %s\n' "$*"
	"$@"
}

say 'A private registry with the images of the tutorial'
registry_start "$work/registry" --user demo --password demo
registry_tag your-org/grade-api 1.5.1 1.5.2 1.6.0-rc.1 latest 20260601-0a1b2c3 20260605-4d5e6f7 stable-1 stable-2
image=$REGISTRY/your-org/grade-api
echo "$image"

say 'A receiver that stands for Slack and for the forge'
mkdir "$work/receiver"
"$top/build/tests/servers/capture" "$work/receiver" &
receiver=$!
until [ -s "$work/receiver/port" ]; do sleep 0.01; done
receiver_host=127.0.0.1:$(<"$work/receiver/port")
echo "http://$receiver_host"
# arrived PATTERN: the first request whose first line matches, and its body, within ten seconds
arrived() {
	local file
	for _ in $(seq 200); do
		file=$(grep -laE "$1" "$work/receiver"/request-* 2>/dev/null | head -1) || true
		if [ -n "$file" ]; then
			awk 'NR == 1 { sub(/\r/, ""); print } { last = $0 } END { print last }' "$file"
			return
		fi
		sleep 0.05
	done
	echo "nothing arrived that matches '$1'" >&2
	return 1
}

say 'A bare repository on the Git host, and imagehook in it'
git init -q --bare "$work/fleet.git"
git --git-dir="$work/fleet.git" config imagehook.state "$work/state"
for host in "$REGISTRY" "$receiver_host"; do
	git --git-dir="$work/fleet.git" config --add imagehook.allowHost "$host"
	git --git-dir="$work/fleet.git" config --add imagehook.insecureHost "$host"
done
show imagehook install "$work/fleet.git"
printf demo | show imagehook secret set --repo "$work/fleet.git" flux-system/ghcr-credentials \
	--docker-server "$REGISTRY" --docker-username demo
printf 'http://%s/services/T0/B0/demo' "$receiver_host" | show imagehook secret set --repo "$work/fleet.git" \
	flux-system/slack-url address
printf demo-token | show imagehook secret set --repo "$work/fleet.git" flux-system/forge-token token \
	--for gitea --address "http://$receiver_host/your-org/fleet"

say "A team pushes its Flux documents (only 'image:' names the local registry)"
git clone -q "$work/fleet.git" "$work/fleet" 2>/dev/null
cp -R "$top/fixtures/tutorial/." "$work/fleet"
(
	cd "$work/fleet"
	grep -rlZ 'ghcr.io/your-org/grade-api' . --include='*.yaml' | xargs -0 sed -i "s|ghcr.io/your-org/grade-api|$image|"
	sed -i 's|^  interval: 5m .*|&\n  insecure: true|' flux/image-repository.yaml
	cat >flux/notifications.yaml <<-YAML
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata:
		  name: slack
		  namespace: flux-system
		spec:
		  type: slack
		  channel: "#deployments"
		  secretRef:
		    name: slack-url
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Alert
		metadata:
		  name: image-updates
		  namespace: flux-system
		spec:
		  providerRef:
		    name: slack
		  eventSeverity: info
		  eventSources:
		    - kind: ImageUpdateAutomation
		      name: "*"
		---
		apiVersion: notification.toolkit.fluxcd.io/v1beta3
		kind: Provider
		metadata:
		  name: forge
		  namespace: flux-system
		spec:
		  type: gitea
		  address: http://$receiver_host/your-org/fleet
		  secretRef:
		    name: forge-token
	YAML
	git add -A
	git commit -qm 'image automation'
	show git push -q origin HEAD:main 2>&1
)

say 'The commit that the push made'
show git --git-dir="$work/fleet.git" log -1 -p --format='%h %an <%ae>%n%n%B' main
show imagehook get image all --repo "$work/fleet.git"

say 'What reached Slack, and the status of the pushed commit at the forge'
arrived '^POST /services/'
arrived "^POST /.*/statuses/$(git -C "$work/fleet" rev-parse HEAD)"
show imagehook get alert-providers --repo "$work/fleet.git"

say '1.5.3 is published; the timer (here: by hand) finds it'
registry_tag your-org/grade-api 1.5.3
show imagehook run --now --repo "$work/fleet.git"
show git --git-dir="$work/fleet.git" log -1 -p --format='%h %an <%ae>%n%n%B' main
show imagehook explain policy flux-system/grade-api --repo "$work/fleet.git"
say 'Done; the folder is removed'
