/* SPDX-License-Identifier: MIT */
/* Alert: which events are sent to which Provider. Whether one event passes is the event
 * stage's to decide. */
#include "adapter/regex/regex.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/event.h"
#include "stage/document/document.h"
#include "stage/document/schema.h"

struct form {
	struct alert out;
	const char *severity;
};

static const struct field provider_rows[] = {
	FIELD("name", struct form, out.provider_ref, .flags = FIELD_REQUIRED | FIELD_NAME,
	      FIELD_PLACE(struct form, out.provider_place),
	      .help = "a Provider of the Alert's namespace"),
};

/* `|Bucket|GitRepository|...`: the choices begin behind the first bar. */
static const char kinds[] =
#define EVENT_KIND(name, api_version) "|" name
#include "model/event_kinds.list"
#undef EVENT_KIND
    ;

static const struct field source_rows[] = {
	FIELD("apiVersion", struct event_source, api_version,
	      .help = "not looked at: the kind is enough"),
	FIELD("kind", struct event_source, kind, .flags = FIELD_REQUIRED,
	      .choices = &kinds[1], .help = "the involved object's kind"),
	FIELD("name", struct event_source, name, .flags = FIELD_REQUIRED, .max = 253,
	      FIELD_PLACE(struct event_source, place),
	      .help = "its name, or `*` for every object of the kind"),
	FIELD("namespace", struct event_source, namespace, .max = 253,
	      .help = "its namespace; the Alert's when not given"),
	FIELD("matchLabels", struct event_source, match_labels,
	      FIELD_PRESENT(struct event_source, has_labels),
	      .help = "labels that the object must have too"),
};

static const struct field rows[] = {
	FIELD_INSIDE("providerRef", provider_rows, .flags = FIELD_REQUIRED,
		     .help = "where the events go"),
	FIELD("eventSeverity", struct form, severity, .fallback = "info",
	      .choices = "info|error", .help = "*error*: only failures"),
	FIELD_ITEMS("eventSources", struct form, out.sources, struct event_source,
		    source_rows, .flags = FIELD_REQUIRED, .max = LIMIT_ALERT_SOURCES,
		    .help = "events of which objects"),
	FIELD("inclusionList", struct form, out.inclusion_list,
	      .max = LIMIT_ALERT_REGEXES, FIELD_PLACES(struct form, out.inclusion_places),
	      .help = "regular expressions (RE2, unanchored) one of which the message "
		      "must match"),
	FIELD("exclusionList", struct form, out.exclusion_list,
	      .max = LIMIT_ALERT_REGEXES, FIELD_PLACES(struct form, out.exclusion_places),
	      .help = "regular expressions none of which the message may match; the "
		      "reason is not looked at"),
	FIELD("eventMetadata", struct form, out.event_metadata,
	      .help = "texts that are sent with every event"),
	FIELD("summary", struct form, out.summary, .fallback = "", .max = 255,
	      .help = "a text that is sent with every event; deprecated: "
		      "eventMetadata.summary"),
	FIELD("suspend", struct form, out.suspend, .help = "true: send nothing"),
};

static void check_regexes(struct decode *d, const struct strings *list,
			  const struct place *places, const char *what)
{
	for (size_t i = 0; i < list->len; i++) {
		struct err err = ERR_INIT;
		struct regex *regex REGEX_CLEANUP = NULL;
		struct str pattern = str_of(list->items[i]);
		if (regex_new(pattern, &regex, &err) == 0)
			continue;
		struct finding *finding =
		    finding_add(d->findings, SEVERITY_WARNING, "invalid-regex", places[i],
				"failed to compile %s regex '%s', so it is left out: %s",
				what, show_text(d->arena, pattern), err.text);
		finding->object = d->object;
	}
}

static bool is_upper(char c)
{
	return char_is_alpha(c) && char_lower(c) != c;
}

/* Two words or more in one: `ReconciliationSucceeded`, but no kind's name. */
static bool is_reason(struct str word)
{
	size_t words = 0;
	for (size_t i = 0; i < word.len; i++) {
		bool upper = is_upper(word.ptr[i]);
		if (!char_is_alnum(word.ptr[i]) || (i == 0 && !upper))
			return false;
		words += upper && i + 1 < word.len && !is_upper(word.ptr[i + 1]);
	}
	struct str rest = str_of(&kinds[1]);
	struct str kind;
	while (str_split(&rest, '|', &kind))
		if (str_eq(kind, word))
			return false;
	return words > 1;
}

static struct str trim_marks(struct str s)
{
	static const char marks[] = ".*^$()+?:";
	while (s.len && memchr(marks, s.ptr[0], sizeof(marks) - 1))
		s = str_from(s, 1);
	while (s.len && memchr(marks, s.ptr[s.len - 1], sizeof(marks) - 1))
		s.len--;
	return s;
}

/* Upstream's users write reasons there, and nothing is excluded. */
static void check_reasons(struct decode *d, const struct alert *alert)
{
	for (size_t i = 0; i < alert->exclusion_list.len; i++) {
		struct str rest = trim_marks(str_of(alert->exclusion_list.items[i]));
		struct str word;
		bool found = false;
		while (!found && str_split(&rest, '|', &word))
			found = is_reason(trim_marks(word));
		if (!found)
			continue;
		struct finding *finding = finding_add(
		    d->findings, SEVERITY_WARNING, "excludes-reason",
		    alert->exclusion_places.items[i],
		    "'%s' looks like a reason, but exclusionList is matched "
		    "with the message only",
		    show_text(d->arena, str_of(alert->exclusion_list.items[i])));
		finding->object = d->object;
		finding->hint = "write words of the message, such as 'Reconciliation "
				"finished'";
	}
}

static void finish(struct decode *d, void *ptr)
{
	struct form *form = ptr;
	struct alert *out = &form->out;
	out->uid = out->meta.uid ? out->meta.uid : "";
	out->errors_only = strcmp(form->severity, "error") == 0;
	for (size_t i = 0; i < out->sources.len; i++) {
		struct event_source *source = &out->sources.items[i];
		if (!source->namespace || source->namespace[0] == '\0')
			source->namespace = out->meta.namespace;
		if (source->name && source->name[0] == '\0' && source->kind[0])
			(void)decode_refuse(
			    d, source->place, "invalid-field", "Invalid",
			    "spec.eventSources[%zu].name: Invalid value: \"\": a name or "
			    "'*' is expected",
			    i);
	}
	check_regexes(d, &out->inclusion_list, out->inclusion_places.items, "inclusion");
	check_regexes(d, &out->exclusion_list, out->exclusion_places.items, "exclusion");
	check_reasons(d, out);
}

static void add(struct document_set *set, const void *form)
{
	VEC_PUSH(set->arena, &set->alerts, ((const struct form *)form)->out);
}

/* One object of the set as a source sees it. */
static bool takes(const struct event_source *source, const char *cluster,
		  const struct object_meta *meta)
{
	if (strcmp(meta->cluster, cluster) != 0 ||
	    strcmp(meta->kind_name, source->kind) != 0 ||
	    strcmp(meta->namespace, source->namespace) != 0 ||
	    (strcmp(source->name, "*") != 0 && strcmp(source->name, meta->name) != 0))
		return false;
	for (size_t i = 0; source->has_labels && i < source->match_labels.len; i++) {
		const struct label *wanted = &source->match_labels.items[i];
		bool found = false;
		for (size_t k = 0; !found && k < meta->labels.len; k++)
			found = strcmp(meta->labels.items[k].key, wanted->key) == 0 &&
				strcmp(meta->labels.items[k].value, wanted->value) == 0;
		if (!found)
			return false;
	}
	return true;
}

#define ANY_TAKEN(list, source, cluster, found)                 \
	for (size_t k_ = 0; !(found) && k_ < (list)->len; k_++) \
	(found) = takes(source, cluster, &(list)->items[k_].meta)

static bool matches_something(const struct document_set *set, const char *cluster,
			      const struct event_source *source)
{
	bool found = false;
	/* the repository itself, whose document may stand elsewhere */
	if (strcmp(source->kind, "GitRepository") == 0 && !source->has_labels) {
		found = strcmp(source->name, "*") == 0;
		for (size_t i = 0; !found && i < set->automations.len; i++)
			found = strcmp(source->name,
				       set->automations.items[i].source_name) == 0;
	}
	ANY_TAKEN(&set->repositories, source, cluster, found);
	ANY_TAKEN(&set->policies, source, cluster, found);
	ANY_TAKEN(&set->automations, source, cluster, found);
	ANY_TAKEN(&set->others, source, cluster, found);
	return found;
}

/* What no kind of ours reads is not known to be missing. */
static bool is_read(const char *kind)
{
	for (size_t i = 0; i < DOCUMENT_KINDS; i++)
		if (strcmp(document_kinds[i]->name, kind) == 0)
			return true;
	return false;
}

/* A hint is not worth more than this many comparisons. */
#define LINT_WORK 20000000

static void lint_sources(const struct resolution *resolution, const struct alert *alert,
			 size_t *work)
{
	struct arena *arena = resolution->findings->arena;
	const struct document_set *set = resolution->set;
	size_t objects = set->repositories.len + set->policies.len +
			 2 * set->automations.len + set->others.len + 1;
	for (size_t i = 0; i < alert->sources.len; i++) {
		*work += objects;
		if (*work > LINT_WORK)
			return;
		const struct event_source *source = &alert->sources.items[i];
		if (!is_read(source->kind) ||
		    matches_something(set, alert->meta.cluster, source))
			continue;
		/* `*` may wait for what is still to come, or for events from outside */
		bool all = strcmp(source->name, "*") == 0 && !source->has_labels;
		struct finding *finding = finding_add(
		    resolution->findings, all ? SEVERITY_INFO : SEVERITY_WARNING,
		    "source-matches-nothing", source->place,
		    "no object of this tree is %s '%s' in namespace '%s'%s", source->kind,
		    show_text(arena, str_of(source->name)),
		    show_text(arena, str_of(source->namespace)),
		    source->has_labels ? " with these labels" : "");
		finding->object = arena_printf(arena, "Alert/%s/%s",
					       alert->meta.namespace, alert->meta.name);
	}
}

static void resolve(const struct resolution *resolution)
{
	size_t work = 0;
	for (size_t i = 0; i < resolution->set->alerts.len; i++) {
		struct alert *alert = &resolution->set->alerts.items[i];
		if (!alert->meta.valid)
			continue;
		lint_sources(resolution, alert, &work);
		if (document_find_provider(resolution->set, alert))
			continue;
		struct arena *arena = resolution->findings->arena;
		struct finding *finding = document_refuse(
		    &alert->meta, resolution->findings, alert->provider_place,
		    "unknown-provider", "InvalidConfig",
		    arena_printf(
			resolution->set->arena,
			"failed to read provider: "
			"Provider.notification.toolkit.fluxcd.io \"%s\" not found",
			alert->provider_ref));
		finding->hint =
		    arena_printf(arena, "add a Provider '%s' in namespace '%s'",
				 alert->provider_ref, alert->meta.namespace);
	}
}

const struct kind kind_alert = {
	.name = "Alert",
	KIND_OF_NOTIFICATIONS,
	KIND_FORM(struct form, rows),
	.resolve = resolve,
	.summary = "Which events are sent to which Provider.",
	.example = "apiVersion: notification.toolkit.fluxcd.io/v1beta3\n"
		   "kind: Alert\n"
		   "metadata:\n"
		   "  name: on-call\n"
		   "  namespace: flux-system\n"
		   "spec:\n"
		   "  providerRef:\n"
		   "    name: slack\n"
		   "  eventSeverity: info\n"
		   "  eventSources:\n"
		   "  - kind: ImageUpdateAutomation\n"
		   "    name: '*'\n",
};
