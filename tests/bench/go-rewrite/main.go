// SPDX-License-Identifier: MIT

// The yardstick of T7: every marked file below a folder through a yaml.v3 node round trip, the tag behind a
// marker set.   go-rewrite DIR IMAGE:TAG
package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

func visit(node *yaml.Node, image string) {
	if node.Kind == yaml.ScalarNode && strings.Contains(node.LineComment, `"$imagepolicy"`) {
		node.Value = image
	}
	for _, child := range node.Content {
		visit(child, image)
	}
}

func rewrite(path, image string) error {
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(text, []byte(`"$imagepolicy"`)) {
		return err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return err
	}
	visit(&node, image)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&node); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

func main() {
	err := filepath.Walk(os.Args[1], func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		return rewrite(path, os.Args[2])
	})
	if err != nil {
		panic(err)
	}
}
