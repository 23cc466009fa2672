#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Documents that are wrong: each a finding at its place; the good ones beside them work all the same.
# shellcheck disable=SC2154

load lib/common
load lib/registry
load lib/fleet

bats_require_minimum_version 1.5.0

setup() {
	common_setup
	fleet_setup
	registry_tag your-org/app 1.0.0 1.1.0
	fleet_documents app "$REGISTRY/your-org/app"
	fleet_manifest apps/app.yaml app "$REGISTRY/your-org/app:1.0.0"
	imagehook install "$repo" >/dev/null
	mkdir "$clone/bad"
	marker='# {"$imagepolicy": "flux-system:app"}'
}

teardown() {
	fleet_teardown
}

# bad NAME: stdin below the line that makes it a file with a document.
bad() {
	{ echo 'apiVersion: image.toolkit.fluxcd.io/v1' && cat; } >"$clone/bad/$1.yaml"
}

zeros() {
	head -c "$1" /dev/zero
}

# policy NAME: an ImagePolicy of the image app, up to what stands on stdin.
policy() {
	bad "$1" < <(printf 'kind: ImagePolicy\nmetadata:\n  name: %s\nspec:\n  imageRepositoryRef:\n    name: %s\n' "$1" "${2-app}" && cat)
}

any='  policy: {semver: {range: "*"}}'

# Pushes, and demands that the good policy's commit was made within 20 seconds and 600 MB.
push_bad() {
	# the address sanitizer reserves more than any memory
	[[ $BUILD == *sanitize* ]] || ulimit -v 4000000
	git -C "$clone" add -A
	git -C "$clone" commit -qm bad
	run bounded git -C "$clone" push -q "$repo" HEAD:main
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == 'remote: imagehook: main is now at '*' (1 image updated)'* ]]
	[ "$(git --git-dir="$repo" diff --name-only main~1 main)" = apps/app.yaml ]
}

@test "texts that are no YAML, or too much of it" {
	printf 'kind: ImagePolicy\nmetadata: {name: x\n' | bad malformed
	zeros 100000 | tr '\0' '[' | bad brackets
	{ echo 'a:' && zeros 100000 | tr '\0' '[' | sed 's/\[/ [\n/g'; } | bad nesting
	{
		echo 'a0: &a0 x'
		for i in $(seq 5000); do echo "a$i: &a$i [*a$((i - 1))]"; done
	} | bad anchors
	{
		echo 'a0: &a0 [x,x,x,x,x,x,x,x,x]'
		for i in $(seq 12); do echo "a$i: &a$i [$(printf "*a$((i - 1)),%.0s" 1 2 3 4 5 6 7 8)x]"; done
	} | bad bomb
	printf 'kind: "a\0b"\n' | bad nul
	printf 'kind: ImagePolicy\nname: "\xff\xfe"\n' | bad utf8
	printf 'kind: ImagePolicy\n' | bad utf16
	iconv -f UTF-8 -t UTF-16 "$clone/bad/utf16.yaml" >"$BASE/wide" && mv "$BASE/wide" "$clone/bad/utf16.yaml"
	zeros 52428800 | tr '\0' '\n' | bad huge
	echo "image: a:1 $marker" | iconv -f UTF-8 -t UTF-16 >"$clone/bad/wide-marker.yaml"
	{ echo "image: a:1 $marker" && printf 'x: "\xff"\n'; } >"$clone/bad/marker.yaml"
	{ echo "image: a:1 $marker" && zeros 2000000 | tr '\0' '\n'; } >"$clone/bad/large-marker.yaml"
	push_bad
	run --separate-stderr bounded imagehook lint --repo "$repo"
	[ "$status" -eq 1 ]
	diff - <(grep -v '^  hint' <<<"$output") <<-'END'
		bad/anchors.yaml:1000:14: error: limit: 500000 nodes of one YAML file, aliases expanded [limit]
		bad/bomb.yaml:8:10: error: limit: 500000 nodes of one YAML file, aliases expanded [limit]
		bad/brackets.yaml:2:1026: error: not YAML: could not find expected ':', while scanning a simple key [yaml-syntax]
		bad/huge.yaml: error: limit: 1048576 bytes of one YAML file [file-too-large]
		bad/large-marker.yaml: error: limit: 1048576 bytes of one YAML file [file-too-large]
		bad/malformed.yaml:4:1: error: not YAML: did not find expected ',' or '}', while parsing a flow mapping [yaml-syntax]
		bad/marker.yaml:2:5: warning: not YAML: invalid leading UTF-8 octet [yaml-syntax]
		bad/nesting.yaml:67:2: error: limit: 64 nesting of flow collections [limit]
		bad/nul.yaml:2:9: error: not YAML: control characters are not allowed [yaml-syntax]
		bad/utf16.yaml:1:1: error: the text is UTF-16, expected UTF-8 [yaml-syntax]
		bad/utf8.yaml:3:8: error: not YAML: invalid leading UTF-8 octet [yaml-syntax]
		bad/wide-marker.yaml:1:1: warning: the text is UTF-16, expected UTF-8 [yaml-syntax]
	END
	# the same from the index that the push kept, and without it
	run imagehook run --now --repo "$repo"
	[[ $output == *bad/utf16.yaml* ]] && [[ $output == *bad/huge.yaml* ]]
	rm -r "$BASE"/state/*/index
	run --separate-stderr imagehook lint --repo "$repo"
	[[ $output == *bad/utf16.yaml* ]] && [[ $output == *bad/wide-marker.yaml* ]] && [[ $output == *bad/huge.yaml* ]]
}

@test "fields that are wrong: that object is not ready, the others are" {
	printf '  policy:\n    semver:\n      range: ">=one"\n' | policy range
	printf '  filterTags:\n    pattern: "^(a"\n%s\n' "$any" | policy expression
	printf '  filterTag:\n    pattern: "^a"\n%s\n' "$any" | policy unknown
	printf '%s\n%s\n' "$any" "$any" | policy duplicate
	echo "$any" | policy dots ../app
	bad duration <<-'END'
		kind: ImageRepository
		metadata: {name: duration}
		spec:
		  image: example.com/a/b
		  interval: 5 m
	END
	bad secret <<-'END'
		kind: ImageRepository
		metadata: {name: secret}
		spec: {image: example.com/a/b, interval: 1m, secretRef: {name: ../../x}}
	END
	bad name <<-'END'
		kind: ImageRepository
		metadata: {name: ../x}
		spec: {image: example.com/a/b, interval: 1m}
	END
	sed -e 's/name: update/name: template/' -e 's|^    commit:|&\n      messageTemplate: "{{ .Foo"|' \
		"$clone/flux/update.yaml" >"$clone/bad/template.yaml"
	push_bad
	run --separate-stderr imagehook lint --repo "$repo"
	[ "$status" -eq 1 ]
	diff - <(echo "$output") <<-'END'
		bad/dots.yaml:7:11: error: spec.imageRepositoryRef.name: Invalid value: "../app": a lowercase RFC 1123 subdomain is expected [invalid-field]
		bad/duplicate.yaml:9:3: error: key "policy" already set in map [duplicate-key]
		bad/duration.yaml:6:13: error: spec.interval: Invalid value: "5 m": spec.interval in body should match '^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$' [invalid-field]
		  hint: write a duration such as 5m or 1h30m
		bad/expression.yaml:9:14: error: failed to filter tags: invalid regular expression pattern '^(a': error parsing regexp: missing closing ): `^(a` [invalid-policy]
		bad/name.yaml:3:18: error: metadata.name: Invalid value: "../x": a lowercase RFC 1123 subdomain is expected [invalid-field]
		bad/range.yaml:10:14: error: invalid policy: improper constraint: ">=one" [invalid-policy]
		bad/secret.yaml:4:64: error: spec.secretRef.name: Invalid value: "../../x": a lowercase RFC 1123 subdomain is expected [invalid-field]
		bad/template.yaml:16:24: error: failed to update source: unable to create commit message template from spec: template: commit message:1: parse: unclosed action [invalid-template]
		bad/unknown.yaml:8:3: error: unknown field "spec.filterTag" [unknown-field]
		  hint: did you mean 'filterTags'?
	END
	run imagehook get image policy --no-header --repo "$repo"
	[ "$(awk -F'\t' '{ gsub(/ /, "", $1); gsub(/ /, "", $4); print $1, $4 }' <<<"$output")" = 'app True
dots False
duplicate False
expression False
range False
unknown False' ]
	run imagehook get image repository duration --repo "$repo"
	[[ ${lines[1]} == *False*'spec.interval: Invalid value: "5 m"'* ]]
	run imagehook get image update template --repo "$repo"
	[[ ${lines[1]} == *False*'unable to create commit message template'* ]]
}

# automation NAME BRANCH: BRANCH is what stands between double quotes.
automation() {
	cat <<-YAML
		---
		apiVersion: image.toolkit.fluxcd.io/v1
		kind: ImageUpdateAutomation
		metadata: {name: $1, namespace: flux-system}
		spec:
		  interval: 1m
		  sourceRef: {kind: GitRepository, name: flux-system}
		  git: {commit: {author: {email: a@example.com}}, push: {branch: "$2"}}
		  update: {path: ./nowhere}
	YAML
}

@test "a branch that no line can name" {
	automation two 'p\nref refs/heads/other' >"$clone/bad/two.yaml"
	push_bad
	[ "$(grep '^ref ' "$repo/imagehook/watch")" = 'ref refs/heads/main' ]
}

@test "more branches than a hook can be told of" {
	local i long
	long=$(printf 'b/%.0s' {1..950})
	for i in {1..300}; do automation "one-$i" "$long$i"; done >"$clone/bad/one.yaml"
	for i in {1..300}; do automation "two-$i" "${long}x$i"; done >"$clone/bad/two.yaml"
	push_bad
	[ "$(grep '^ref ' "$repo/imagehook/watch")" = 'ref refs/' ]
}
