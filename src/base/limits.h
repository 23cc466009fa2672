/* SPDX-License-Identifier: MIT */
/*
 * Every bound on what a pusher, a registry or a webhook can make us use, in one table. An
 * error names the limit by its text: use LIMIT_NAME(LIMIT_X).
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define LIMITS(X)                                                                      \
	X(LIMIT_FINDINGS, 10000, "findings of one run")                                \
	X(LIMIT_FILE_BYTES, 1048576, "bytes of one YAML file")                         \
	X(LIMIT_FILES, 100000, "files that matter in one tree")                        \
	X(LIMIT_YAML_FLOW_DEPTH, 64, "nesting of flow collections")                    \
	X(LIMIT_YAML_DEPTH, 1000, "nesting of collections")                            \
	X(LIMIT_YAML_NODES, 500000, "nodes of one YAML file, aliases expanded")        \
	X(LIMIT_YAML_ANCHORS, 1000, "anchors of one YAML file")                        \
	X(LIMIT_DOCUMENTS, 10000, "documents of one tree")                             \
	X(LIMIT_TREE_ENTRIES, 1000000, "entries of one tree")                          \
	X(LIMIT_TREE_DEPTH, 64, "folders inside one another")                          \
	X(LIMIT_TREE_BYTES, 268435456, "bytes of trees and paths in one walk")         \
	X(LIMIT_OBJECT_BYTES, 67108864, "bytes of one tree or commit object")          \
	X(LIMIT_JSON_BYTES, 33554432, "bytes of one JSON text")                        \
	X(LIMIT_JSON_DEPTH, 200, "nesting of JSON")                                    \
	X(LIMIT_TAGS, 200000, "tags of one image")                                     \
	X(LIMIT_TAG_BYTES, 128, "bytes of one tag")                                    \
	X(LIMIT_TAG_PAGES, 2000, "pages of one tag list")                              \
	X(LIMIT_RESPONSE_BYTES, 33554432, "bytes of one answer")                       \
	X(LIMIT_TOKEN_BYTES, 65536, "bytes of a token answer")                         \
	X(LIMIT_HEADER_BYTES, 65536, "bytes of an answer's headers")                   \
	X(LIMIT_EXCLUSIONS, 25, "entries of an exclusionList")                         \
	X(LIMIT_REGEX_BYTES, 4096, "bytes of a regular expression")                    \
	X(LIMIT_REGEX_MEMORY, 8388608, "memory of a compiled regular expression")      \
	X(LIMIT_RANGE_BYTES, 512, "bytes of a version range")                          \
	X(LIMIT_VERSION_BYTES, 256, "bytes of a version")                              \
	X(LIMIT_TEMPLATE_BYTES, 65536, "bytes of a template")                          \
	X(LIMIT_TEMPLATE_STEPS, 1000000, "steps of a template")                        \
	X(LIMIT_TEMPLATE_DEPTH, 100, "nesting of a template")                          \
	X(LIMIT_TEMPLATE_MEMORY, 67108864, "bytes of a template's values")             \
	X(LIMIT_TEMPLATE_STRING, 1048576, "bytes of one text in a template")           \
	X(LIMIT_MESSAGE_BYTES, 65536, "bytes of a commit message")                     \
	X(LIMIT_HOOK_STDIN_BYTES, 33554432, "bytes of a hook's standard input")        \
	X(LIMIT_HOOK_OUTPUT_BYTES, 16384, "bytes shown to a pusher")                   \
	X(LIMIT_HOOK_LINES, 10, "lines shown to a pusher")                             \
	X(LIMIT_JOBS, 1000, "waiting jobs of one repository")                          \
	X(LIMIT_SECRET_BYTES, 1048576, "bytes of one secret value")                    \
	X(LIMIT_CONFIG_BYTES, 1048576, "bytes of a configuration file")                \
	X(LIMIT_CHILD_OUTPUT_BYTES, 268435456, "bytes of a child's output")            \
	X(LIMIT_SCAN_STORE_BYTES, 67108864, "bytes of stored scans of one repository") \
	X(LIMIT_REGISTRY_BYTES, 16777216, "bytes of the list of repositories")         \
	X(LIMIT_PATH_BYTES, 4096, "bytes of a path")                                   \
	X(LIMIT_WATCH_BYTES, 1048576, "bytes of a watch file")                         \
	X(LIMIT_JOB_BYTES, 65536, "bytes of a job file")                               \
	X(LIMIT_RANGE_GROUPS, 32, "alternatives of a version range")                   \
	X(LIMIT_REFS, 1000000, "refs of one repository")                               \
	X(LIMIT_PACKED_REFS_BYTES, 268435456, "bytes of packed-refs")                  \
	X(LIMIT_EXTRACT_BYTES, 1024, "bytes of an extract template")                   \
	X(LIMIT_KEY_BYTES, 1024, "bytes of what a tag is ordered by")                  \
	X(LIMIT_SCAN_BYTES, 67108864, "bytes of one scan's answers")                   \
	X(LIMIT_DOCUMENT_NODES, 5000000, "values in the documents of one tree")        \
	X(LIMIT_DOCUMENT_WORK, 1073741824,                                             \
	  "bytes of memory spent on one tree's documents")                             \
	X(LIMIT_FILE_WORK, 134217728, "bytes of memory spent on one file's documents") \
	X(LIMIT_PUSH_BRANCH_COMMITS, 1000, "commits of a push branch")                 \
	X(LIMIT_ALERT_SOURCES, 1000, "eventSources of one Alert")                      \
	X(LIMIT_ALERT_REGEXES, 100, "entries of an inclusionList or exclusionList")    \
	X(LIMIT_EVENT_BYTES, 3145728, "bytes of one event")                            \
	X(LIMIT_EVENT_METADATA, 1000, "entries of an event's metadata")                \
	X(LIMIT_DELIVERY_BYTES, 4194304, "bytes of one notification")                  \
	X(LIMIT_COMMENT_PAGES, 50, "pages of a change request's comments")             \
	X(LIMIT_ANSWER_BYTES, 1048576, "bytes of a receiver's answer")                 \
	X(LIMIT_CEL_BYTES, 4096, "bytes of a CEL expression")                          \
	X(LIMIT_CEL_DEPTH, 60, "nesting of a CEL expression")                          \
	X(LIMIT_CEL_STEPS, 100000, "steps of a CEL expression")                        \
	X(LIMIT_CEL_MEMORY, 1048576, "bytes of a CEL expression's values")             \
	X(LIMIT_CHILD_MIB, 2048, "MiB of memory of a child")                           \
	X(LIMIT_WORKER_MIB, 4096, "MiB of memory of a worker")                         \
	X(LIMIT_WORKER_SECONDS, 900, "seconds of processor time of a worker")          \
	X(LIMIT_CHECK_PATHS, 50000, "paths of one check of Kustomizations")            \
	X(LIMIT_CHECK_DEPTH, 50, "kustomizations inside one another")

#define LIMIT_ENUM(name, number, text) name = (number),

enum limit {
	LIMITS(LIMIT_ENUM)
};

#undef LIMIT_ENUM

/* "(limit: 64 nesting of flow collections)" as printf arguments: LIMIT_FMT,
 * LIMIT_ARG(LIMIT_X). */
#define LIMIT_FMT       "limit: %ld %s"
#define LIMIT_ARG(name) (long)(name), limit_text(#name)

/* The text of a limit's row by its name; "?" for a name that is not in the table. */
const char *limit_text(const char *name);

#endif
