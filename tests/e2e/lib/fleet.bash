# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A bare repository with a clone and a small registry without credentials, for tests of whole runs.
#
#   fleet_setup                     after common_setup: starts $REGISTRY; makes $repo and $clone
#   fleet_allow HOST:PORT           permits plain HTTP there
#   fleet_documents NAME IMAGE      an ImageRepository, its ImagePolicy (>=1.0.0) and, once, the automation
#   fleet_manifest PATH NAME VALUE  a Deployment whose image is VALUE and marked with the policy NAME
#   push_all [MESSAGE]              commits all of the clone and pushes; prints what the pusher sees
#   tip [BRANCH]                    the commit of a branch of $repo
#   fleet_teardown

fleet_setup() {
	registry_start "$BASE/registry" || return
	repo=$(make_bare fleet.git)
	clone=$(make_clone fleet)
	git -C "$clone" remote add origin "$repo"
	fleet_allow "$REGISTRY"
}

fleet_teardown() {
	registry_stop "$BASE/registry" || true
}

fleet_allow() {
	git --git-dir="$repo" config --add imagehook.allowHost "$1"
	git --git-dir="$repo" config --add imagehook.insecureHost "$1"
}

fleet_documents() {
	mkdir -p "$clone/flux"
	cat >"$clone/flux/$1.yaml" <<YAML
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: $1
  namespace: flux-system
spec:
  image: $2
  interval: 5m
  insecure: true
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: $1
  namespace: flux-system
spec:
  imageRepositoryRef:
    name: $1
  policy:
    semver:
      range: ">=1.0.0"
YAML
	cat >"$clone/flux/update.yaml" <<'YAML'
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: update
  namespace: flux-system
spec:
  interval: 30m
  sourceRef:
    kind: GitRepository
    name: flux-system
  git:
    checkout:
      ref:
        branch: main
    commit:
      author:
        name: bot
        email: bot@example.com
  update:
    path: .
    strategy: Setters
YAML
}

fleet_manifest() {
	mkdir -p "$(dirname "$clone/$1")"
	cat >"$clone/$1" <<YAML
apiVersion: apps/v1
kind: Deployment
metadata:
  name: $2
spec:
  template:
    spec:
      containers:
        - name: $2
          image: $3 # {"\$imagepolicy": "flux-system:$2"}
YAML
}

push_all() {
	git -C "$clone" add -A
	git -C "$clone" commit -qm "${1:-change}"
	push "$clone" "$repo"
}

tip() {
	git --git-dir="$repo" rev-parse "refs/heads/${1:-main}"
}
