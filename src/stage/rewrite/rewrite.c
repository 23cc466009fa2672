/* SPDX-License-Identifier: MIT */
/*
 * Decides which values of a file change and what is said about markers that cannot work.
 * Where a comment belongs is attach.c's, what it says marker.c's, how bytes change
 * splice.c's business; nothing leaves here that verify.c has not seen.
 */
#include "stage/rewrite/rewrite.h"
#include "adapter/yaml/scanner.h"
#include "base/limits.h"
#include "base/text.h"
#include "stage/rewrite/attach.h"
#include "stage/rewrite/marker.h"
#include "stage/rewrite/subject.h"
#include "stage/rewrite/verify.h"

/* An edit while it is planned. */
struct plan {
	size_t event;
	struct str value;
	const char *setter;
};

struct rewrite {
	const struct rewrite_request *request;
	struct arena *arena; /* for the time of this file */
	struct arena *out;   /* the caller's: what is given out */
	struct finding_list *findings;
	struct scan_events events;
	struct attachment_list attachments;
	struct subject_list subjects;
	VEC_OF(struct plan) plans;
};

static struct place place_of(const struct rewrite *rewrite,
			     const struct scan_event *event)
{
	return (struct place){ rewrite->request->path, event->line, event->col };
}

static struct finding *warn(const struct rewrite *rewrite, const char *id,
			    const struct scan_event *at, const char *text,
			    const char *hint)
{
	struct finding *finding = finding_add(rewrite->findings, SEVERITY_WARNING, id,
					      place_of(rewrite, at), "%s", text);
	finding->hint = arena_strdup(rewrite->findings->arena, hint);
	return finding;
}

static const char *shown(const struct rewrite *rewrite, const char *text)
{
	return text_clean(rewrite->arena, str_of(text), 200);
}

bool rewrite_is_candidate(struct str path)
{
	size_t slash = str_rfind_char(path, '/');
	struct str name = slash < path.len ? str_from(path, slash + 1) : path;
	return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")) ||
	       str_is(name, "Kustomization");
}

/* The token as UTF-16 has it, with the low byte at `low`. */
static bool has_wide_token(struct str text, size_t low)
{
	char token[2 * (sizeof(REWRITE_TOKEN) - 1)] = { 0 };
	for (size_t i = 0; i < sizeof(REWRITE_TOKEN) - 1; i++)
		token[2 * i + low] = REWRITE_TOKEN[i];
	return str_find(text, (struct str){ token, sizeof(token) }) < text.len;
}

bool rewrite_holds_token(struct str text)
{
	if (str_starts(text, STR("\xff\xfe")))
		return has_wide_token(text, 0);
	if (str_starts(text, STR("\xfe\xff")))
		return has_wide_token(text, 1);
	return str_find(text, STR(REWRITE_TOKEN)) < text.len;
}

static int read_events(struct rewrite *rewrite, struct err *err)
{
	struct scanner *scanner SCANNER_CLEANUP = NULL;
	int code = scanner_open(&scanner, rewrite->request->text, rewrite->arena, err);
	while (!code) {
		struct scan_event event;
		code = scanner_next(scanner, &event, err);
		if (code)
			break;
		VEC_PUSH(rewrite->arena, &rewrite->events, event);
		if (event.kind == SCAN_STREAM_END)
			return 0;
	}
	return code;
}

static int report_unreadable(const struct rewrite *rewrite, struct err *err)
{
	struct place place = { rewrite->request->path, 1, 1 };
	bool is_limit = err->code == ERR_LIMIT;
	struct finding *finding = finding_add_err(
	    rewrite->findings, is_limit ? "yaml-limit" : "yaml-syntax", place, err);
	finding->severity = SEVERITY_WARNING;
	finding->hint = "the file holds a marker, but is left alone as a whole";
	return err->code;
}

static const struct image_choice *find_choice(const struct rewrite *rewrite,
					      const struct marker *marker)
{
	const struct image_choice_list *choices = rewrite->request->choices;
	for (size_t i = 0; choices && i < choices->len; i++) {
		const struct image_choice *choice = &choices->items[i];
		if (strcmp(choice->namespace, marker->namespace) == 0 &&
		    strcmp(choice->policy, marker->policy) == 0)
			return choice;
	}
	return NULL;
}

/* Names of the namespace, for "did you mean". */
static const char *nearest_policy(const struct rewrite *rewrite, const char *policy)
{
	struct strings names = { NULL, 0, 0 };
	const struct rewrite_request *request = rewrite->request;
	size_t skip = strlen(request->namespace) + 1;
	for (size_t i = 0; request->choices && i < request->choices->len; i++)
		if (strcmp(request->choices->items[i].namespace, request->namespace) == 0)
			strings_add(rewrite->arena, &names,
				    request->choices->items[i].policy);
	for (size_t i = 0; request->known && i < request->known->len; i++)
		if (strlen(request->known->items[i]) > skip)
			strings_add(rewrite->arena, &names,
				    request->known->items[i] + skip);
	return str_nearest(policy, names.items, names.len);
}

static void report_unknown(const struct rewrite *rewrite, const struct scan_event *at,
			   const struct marker *marker)
{
	const char *name =
	    arena_printf(rewrite->arena, "%s:%s", marker->namespace, marker->policy);
	if (rewrite->request->known && strings_contain(rewrite->request->known, name))
		return;
	const char *nearest = nearest_policy(rewrite, marker->policy);
	warn(rewrite, "unknown-policy", at,
	     arena_printf(rewrite->arena,
			  "the marker names policy '%s/%s', which is not known",
			  marker->namespace, shown(rewrite, marker->policy)),
	     nearest ? arena_printf(rewrite->arena, "did you mean '%s:%s'?",
				    marker->namespace, nearest)
		     : NULL);
}

/* A marker of another namespace is that one's automation's, if there is one. */
static void report_namespace(const struct rewrite *rewrite, const struct scan_event *at,
			     const char *namespace)
{
	const struct strings *all = rewrite->request->namespaces;
	if (!all || strings_contain(all, namespace))
		return;
	warn(
	    rewrite, "marker-namespace", at,
	    arena_printf(rewrite->arena,
			 "the marker names a policy of namespace '%s', in which there is "
			 "no ImageUpdateAutomation",
			 shown(rewrite, namespace)),
	    "add one there, or name a policy of a namespace that has one");
}

/* Says what is wrong with the marker's text; true when it is good and of our namespace.
 */
static bool judge_text(const struct rewrite *rewrite, const struct scan_event *at,
		       const struct marker *marker)
{
	struct arena *arena = rewrite->arena;
	switch (marker->kind) {
	case MARKER_NONE:
		return false;
	case MARKER_BROKEN:
		warn(rewrite, "marker-json", at,
		     arena_printf(arena, "the marker is not read: %s", marker->fault),
		     "the comment must be one JSON object of strings: "
		     "# {\"$imagepolicy\": \"NAMESPACE:NAME\"}");
		return false;
	case MARKER_FORMAT:
		warn(
		    rewrite, "marker-format", at,
		    arena_printf(arena, "the marker's value '%s' names no policy",
				 shown(rewrite, marker->setter)),
		    "expected NAMESPACE:NAME, or that with :tag, :name or :digest behind it");
		return false;
	case MARKER_SUFFIX:
	case MARKER_GOOD:
		break;
	}
	if (strcmp(marker->namespace, rewrite->request->namespace) != 0) {
		report_namespace(rewrite, at, marker->namespace);
		return false;
	}
	if (marker->kind == MARKER_GOOD)
		return true;
	warn(rewrite, "marker-suffix", at,
	     arena_printf(
		 arena,
		 "the marker ends in ':%s', expected :tag, :name, :digest or nothing",
		 shown(rewrite, marker->suffix)),
	     NULL);
	return false;
}

static bool judge_place(const struct rewrite *rewrite, const struct scan_event *at,
			enum attach_fate fate)
{
	switch (fate) {
	case ATTACH_COUNTS:
		return true;
	case ATTACH_ALIAS:
		warn(rewrite, "marker-alias", at,
		     "the marker stands on an alias, which has no value of its own",
		     "put it behind the value that bears the anchor");
		break;
	case ATTACH_NULL:
		warn(rewrite, "marker-null", at, "the marker stands on an empty value",
		     "write a first value, which will be replaced");
		break;
	case ATTACH_CROWDED:
		warn(
		    rewrite, "marker-position", at,
		    "the marker shares its value with another comment, so it does not count",
		    "put it alone behind the value, on the same line");
		break;
	case ATTACH_NOWHERE:
		warn(rewrite, "marker-position", at,
		     "the marker stands where it belongs to no value",
		     "put it behind the value, on the same line");
		break;
	}
	return false;
}

/* The new value; NULL when there is none, which is reported. */
static const char *value_for(const struct rewrite *rewrite, const struct scan_event *at,
			     const struct marker *marker,
			     const struct image_choice *choice)
{
	const struct image_ref *ref = &choice->ref;
	const char *digest = ref->digest ? ref->digest : "";
	const char *value = "";
	switch (marker->part) {
	case MARKER_WHOLE:
		value = arena_printf(rewrite->arena, "%s:%s%s%s", ref->name, ref->tag,
				     *digest ? "@" : "", digest);
		break;
	case MARKER_TAG:
		value = ref->tag;
		break;
	case MARKER_NAME:
		value = ref->name;
		break;
	case MARKER_DIGEST:
		value = digest;
		break;
	}
	if (*value && text_is_printable(str_of(value)) && !strpbrk(value, "\n\t"))
		return value;
	if (*value)
		warn(rewrite, "value-invalid", at,
		     arena_printf(rewrite->arena, "'%s' cannot be written as a value",
				  shown(rewrite, value)),
		     NULL);
	else
		warn(rewrite, "no-digest", at,
		     arena_printf(rewrite->arena,
				  "policy '%s/%s' has no %s, so the value stays",
				  choice->namespace, choice->policy,
				  marker->part == MARKER_DIGEST ? "digest" : "value"),
		     marker->part == MARKER_DIGEST
			 ? "set digestReflectionPolicy on the policy"
			 : NULL);
	return NULL;
}

static void plan_edit(struct rewrite *rewrite, const struct attachment *attachment,
		      const struct marker *marker)
{
	const struct rewrite_request *request = rewrite->request;
	const struct scan_event *at = &rewrite->events.items[attachment->comment];
	const struct scan_event *scalar = &rewrite->events.items[attachment->target];
	const struct image_choice *choice = find_choice(rewrite, marker);
	if (!choice) {
		report_unknown(rewrite, at, marker);
		return;
	}
	const char *value = value_for(rewrite, at, marker, choice);
	if (!value || str_is(scalar->content, value))
		return;
	if (request->may_write &&
	    !request->may_write(request->may_write_ctx, choice, scalar->content,
				str_of(value), place_of(rewrite, scalar)))
		return;
	struct plan plan = { attachment->target, str_of(value), marker->setter };
	VEC_PUSH(rewrite->arena, &rewrite->plans, plan);
}

static void judge_comment(struct rewrite *rewrite, const struct attachment *attachment)
{
	const struct scan_event *at = &rewrite->events.items[attachment->comment];
	struct marker marker = marker_parse(at->content, rewrite->arena);
	if (attachment->fate != ATTACH_COUNTS && !marker.begins_as_object)
		return;
	if (judge_text(rewrite, at, &marker) &&
	    judge_place(rewrite, at, attachment->fate))
		plan_edit(rewrite, attachment, &marker);
}

static int compare_plans(const void *a_ptr, const void *b_ptr)
{
	const struct plan *a = a_ptr;
	const struct plan *b = b_ptr;
	return (a->event > b->event) - (a->event < b->event);
}

static void report_seals(const struct rewrite *rewrite)
{
	const struct subject *last = NULL;
	for (size_t i = 0; i < rewrite->plans.len; i++) {
		const struct subject *subject =
		    subject_of(&rewrite->subjects, rewrite->plans.items[i].event);
		if (subject == last || !subject->sealed)
			continue;
		last = subject;
		struct scan_event at = { .line = subject->line, .col = subject->col };
		warn(
		    rewrite, "sops-mac", &at,
		    "an edit breaks the MAC that SOPS keeps of this document",
		    "encrypt it with mac_only_encrypted: true, or keep images in a file of "
		    "their own");
	}
}

static uint32_t count_lines(struct str text, size_t start, size_t end)
{
	uint32_t n = 0;
	while (start < end) {
		size_t len = scanner_break_len(text, start);
		n += len > 0;
		start += len ? len : 1;
	}
	return n;
}

static void report_changes(const struct rewrite *rewrite,
			   const struct splice_list *splices, struct change_list *changes)
{
	uint32_t gone = 0;
	uint32_t come = 0;
	size_t next = 0;
	for (size_t i = 0; i < rewrite->plans.len; i++) {
		const struct plan *plan = &rewrite->plans.items[i];
		const struct scan_event *scalar = &rewrite->events.items[plan->event];
		for (; next < splices->len && splices->items[next].end <= scalar->text &&
		       splices->items[next].start < scalar->text;
		     next++) {
			const struct splice *splice = &splices->items[next];
			gone += count_lines(rewrite->request->text, splice->start,
					    splice->end);
			come += count_lines(splice->bytes, 0, splice->bytes.len);
		}
		const struct object_id *id =
		    &subject_of(&rewrite->subjects, plan->event)->id;
		struct arena *out = rewrite->out;
		struct change *change = VEC_ADD(out, changes);
		change->object.api_version = arena_strdup(out, id->api_version);
		change->object.kind = arena_strdup(out, id->kind);
		change->object.namespace = arena_strdup(out, id->namespace);
		change->object.name = arena_strdup(out, id->name);
		change->old_value = arena_strndup(out, scalar->content);
		change->new_value = arena_strndup(out, plan->value);
		change->setter = arena_strdup(out, plan->setter);
		change->line = scalar->line - gone + come;
	}
}

/* Makes the planned edits, and gives them out when they prove right. */
static int make_edits(const struct rewrite *rewrite, struct str *new_text,
		      struct change_list *changes, struct err *err)
{
	struct str text = rewrite->request->text;
	struct splice_list splices = { NULL, 0, 0 };
	struct edit_list edits = { NULL, 0, 0 };
	for (size_t i = 0; i < rewrite->plans.len; i++) {
		const struct plan *plan = &rewrite->plans.items[i];
		struct edit edit = { plan->event, plan->value };
		VEC_PUSH(rewrite->arena, &edits, edit);
		splice_scalar(text, &rewrite->events.items[plan->event], plan->value,
			      rewrite->arena, &splices);
	}
	struct str after = splice_apply(text, &splices, rewrite->arena);
	int code = verify_edit(text, after, &rewrite->events, &edits, &splices, err);
	if (code) {
		struct place place = { rewrite->request->path, 0, 0 };
		(void)err_prefix(err, "the edit was not kept");
		finding_add_err(rewrite->findings, "edit-unverified", place, err)->hint =
		    "the file is left alone as a whole";
		return err->code;
	}
	report_changes(rewrite, &splices, changes);
	*new_text = arena_str(rewrite->out, after);
	return 0;
}

int rewrite_text(const struct rewrite_request *request, struct arena *arena,
		 struct str *new_text, struct change_list *changes,
		 struct finding_list *findings, struct err *err)
{
	/* events take many times the room of their text */
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct rewrite rewrite = {
		.request = request, .arena = &scratch, .out = arena, .findings = findings
	};
	if (!rewrite_holds_token(request->text)) {
		*new_text = request->text;
		return 0;
	}
	if (read_events(&rewrite, err))
		return report_unreadable(&rewrite, err);
	attach_comments(request->text, &rewrite.events, &scratch, &rewrite.attachments);
	subject_read(&rewrite.events, &scratch, &rewrite.subjects);
	for (size_t i = 0; i < rewrite.attachments.len; i++)
		judge_comment(&rewrite, &rewrite.attachments.items[i]);
	if (rewrite.plans.len == 0) {
		*new_text = request->text;
		return 0;
	}
	VEC_SORT(&rewrite.plans, compare_plans);
	report_seals(&rewrite);
	return make_edits(&rewrite, new_text, changes, err);
}
