/* SPDX-License-Identifier: MIT */
/* Alertmanager: an alert per event, resolved when the object recovers. */
#include "adapter/json/json.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

/* Whether c stands inside a word, unless another such stands beside it. */
static bool joins(char c)
{
	return c == '.' || c == ':' || c == '\'';
}

/* As upstream has it: the first letter of each word large, the rest small; digits and
 * underscores are of the word, but begin none. */
static const char *title_case(const char *text, struct arena *a)
{
	char *out = arena_strdup(a, text);
	bool inside = false;
	for (char *c = out; *c; c++) {
		*c = char_lower(*c);
		if (*c >= 'a' && *c <= 'z') {
			*c = inside ? *c : (char)(*c - 'a' + 'A');
			inside = true;
		} else if (!char_is_digit(*c) && *c != '_') {
			inside = inside && joins(*c) && (c == out || !joins(c[-1]));
		}
	}
	return out;
}

static struct value *labels_of(const struct event *event, struct arena *a)
{
	struct label_list metadata = words_sorted_metadata(event, a);
	struct value *labels = json_map(a);
	for (size_t i = 0; i < metadata.len; i++)
		if (strcmp(metadata.items[i].key, "summary") != 0)
			json_text(a, labels, metadata.items[i].key,
				  metadata.items[i].value);
	json_text(a, labels, "alertname",
		  arena_printf(a, "Flux%s%s", event->object.kind,
			       title_case(event->reason, a)));
	json_text(a, labels, "severity", words_severity(event));
	json_text(a, labels, "reason", event->reason);
	json_text(a, labels, "kind", event->object.kind);
	json_text(a, labels, "name", event->object.name);
	json_text(a, labels, "namespace", event->object.namespace);
	json_text(a, labels, "reportingcontroller", event->reporting_controller);
	return labels;
}

/* Alerts are told apart by their labels. */
static bool is_same_alert(const struct event *one, const struct event *other,
			  struct arena *a)
{
	struct buf texts[] = { BUF_INIT(LIMIT_DELIVERY_BYTES),
			       BUF_INIT(LIMIT_DELIVERY_BYTES) };
	json_write(&texts[0], labels_of(one, a), JSON_COMPACT);
	json_write(&texts[1], labels_of(other, a), JSON_COMPACT);
	bool same = str_eq(buf_str(&texts[0]), buf_str(&texts[1]));
	buf_release(&texts[0]);
	buf_release(&texts[1]);
	return same;
}

/* `failed` is what the alert is about, `event` what is said of it now. */
static void add_alert(struct arena *a, struct value *list, const struct event *failed,
		      const struct event *event)
{
	bool over = failed != event;
	struct value *alert = json_item(a, list);
	const char *summary = words_get(event, "summary");
	json_text(a, alert, "status", over ? "resolved" : "firing");
	value_set(a, alert, "labels", labels_of(failed, a));
	struct value *annotations = json_sub(a, alert, "annotations");
	json_text(a, annotations, "message", event->message);
	if (summary)
		json_text(a, annotations, "summary", summary);
	json_text(a, alert, "startsAt", words_time(failed, a));
	json_text(a, alert, "endsAt",
		  over ? words_time(event, a) : "0001-01-01T00:00:00Z");
}

static int send_alertmanager(struct deliver_state *state, const char *url,
			     struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct value *body = json_list(a);
	const struct event *failed = state->delivery->recovered;
	bool fails = event->severity == EVENT_ERROR;
	/* a failure in the place of another one ends that, unless it is the same alert */
	if (failed && !(fails && is_same_alert(failed, event, a)))
		add_alert(a, body, failed, event);
	if (!failed || fails)
		add_alert(a, body, event, event);
	int code = deliver_json(state, "POST", url, body, request, err);
	if (code == 0 && deliver_has_basic(state))
		return deliver_basic(state, request, state->secret->username,
				     state->secret->password, err);
	if (code == 0 && deliver_token(state)[0])
		return deliver_auth(state, request, "Bearer", deliver_token(state), err);
	return code;
}

extern const struct deliver_service deliver_alertmanager;
const struct deliver_service deliver_alertmanager = {
	.help =
	    "address: .../api/v2/alerts; the secret's username and password, or token",
	.failure = "postMessage failed: request failed: ",
	.hook = "Alertmanager",
	.send = send_alertmanager,
};
