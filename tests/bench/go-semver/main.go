// SPDX-License-Identifier: MIT

// The yardstick of T8: the newest of the tags on standard input that satisfies a range, by
// Masterminds/semver; with a pattern, of what its group `v` has.   go-semver RANGE [PATTERN]
package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"

	"github.com/Masterminds/semver" // Debian ships version 3 by this path
)

func main() {
	constraint, err := semver.NewConstraint(os.Args[1])
	if err != nil {
		panic(err)
	}
	var pattern *regexp.Regexp
	if len(os.Args) > 2 {
		pattern = regexp.MustCompile(os.Args[2])
	}
	var best *semver.Version
	var tag string
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		key := scanner.Text()
		if pattern != nil {
			match := pattern.FindStringSubmatchIndex(key)
			if match == nil {
				continue
			}
			key = string(pattern.ExpandString(nil, "$v", key, match))
		}
		version, err := semver.NewVersion(key)
		if err != nil || !constraint.Check(version) {
			continue
		}
		if best == nil || version.GreaterThan(best) {
			best, tag = version, scanner.Text()
		}
	}
	fmt.Println(tag)
}
