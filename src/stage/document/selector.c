/* SPDX-License-Identifier: MIT */
/* Label selectors: the checks of Kubernetes' own parser with its texts, and matching. */
#include "stage/document/selector.h"
#include "adapter/json/json.h"
#include "base/text.h"
#include "stage/document/document.h"

#define HEAD "failed to parse policy selector: "

static void refuse(struct decode *d, struct place place, const char *text)
{
	(void)decode_refuse(d, place, "invalid-selector", "InvalidPolicySelector", "%s%s",
			    HEAD, text);
}

static bool check_key(struct decode *d, struct place place, const char *key)
{
	if (text_is_label_key(str_of(key)))
		return true;
	refuse(d, place,
	       arena_printf(d->arena,
			    "key: Invalid value: \"%s\": name part must consist of "
			    "alphanumeric characters, '-', '_' or '.', and must start "
			    "and end with an alphanumeric character",
			    show_text(d->arena, str_of(key))));
	return false;
}

static bool check_value(struct decode *d, struct place place, const char *key, size_t i,
			const char *value)
{
	if (text_is_label_value(str_of(value)))
		return true;
	refuse(d, place,
	       arena_printf(d->arena,
			    "values[%zu][%s]: Invalid value: \"%s\": a valid label must "
			    "be an empty string or consist of alphanumeric characters, "
			    "'-', '_' or '.', and must start and end with an "
			    "alphanumeric character",
			    i, show_text(d->arena, str_of(key)),
			    show_text(d->arena, str_of(value))));
	return false;
}

static bool find_operator(const char *text, enum label_operator *out)
{
	static const char *const names[] = {
		[LABEL_IN] = "In",
		[LABEL_NOT_IN] = "NotIn",
		[LABEL_EXISTS] = "Exists",
		[LABEL_DOES_NOT_EXIST] = "DoesNotExist",
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], text) == 0) {
			*out = (enum label_operator)i;
			return true;
		}
	return false;
}

/* `["a","b"]`, cut. */
static const char *show_values(struct arena *arena, const struct strings *values)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	(void)buf_putc(&out, '[');
	for (size_t i = 0; i < values->len && i < 10; i++) {
		if (i)
			(void)buf_putc(&out, ',');
		json_write_string(&out, str_of(values->items[i]));
	}
	(void)buf_putc(&out, ']');
	return show_text(arena, buf_str(&out));
}

static bool check_count(struct decode *d, const struct selector_term *term,
			enum label_operator op)
{
	bool wants = op == LABEL_IN || op == LABEL_NOT_IN;
	if (wants == (term->values.len > 0))
		return true;
	refuse(d, term->place,
	       arena_printf(d->arena, "values: Invalid value: %s: %s",
			    show_values(d->arena, &term->values),
			    wants ? "for 'in', 'notin' operators, values set can't be "
				    "empty"
				  : "values set must be empty for exists and does not "
				    "exist"));
	return false;
}

static void check_term(struct decode *d, struct label_selector *selector,
		       const struct selector_term *term)
{
	struct label_term out = { .key = term->key, .values = term->values };
	/* what the walker refused is not refused twice */
	if (!term->key || !term->operator|| !term->operator[0])
		return;
	if (!find_operator(term->operator, & out.op)) {
		struct buf quoted BUF_CLEANUP = BUF_INIT(4096);
		json_write_string(&quoted,
				  str_of(show_text(d->arena, str_of(term->operator))));
		refuse(d, term->place,
		       arena_printf(d->arena, "%s is not a valid label selector operator",
				    buf_cstr(&quoted)));
		return;
	}
	if (!check_key(d, term->place, term->key) || !check_count(d, term, out.op))
		return;
	for (size_t i = 0; i < term->values.len; i++)
		if (!check_value(d, term->place, term->key, i, term->values.items[i]))
			return;
	VEC_PUSH(d->arena, &selector->match_expressions, out);
}

void selector_check(struct decode *d, struct label_selector *selector,
		    const struct selector_term *terms, size_t n)
{
	for (size_t i = 0; i < selector->match_labels.len; i++) {
		const struct label *label = &selector->match_labels.items[i];
		if (check_key(d, selector->place, label->key))
			(void)check_value(d, selector->place, label->key, 0,
					  label->value);
	}
	for (size_t i = 0; i < n; i++)
		check_term(d, selector, &terms[i]);
}

static const char *find_label(const struct label_list *labels, const char *key)
{
	for (size_t i = 0; i < labels->len; i++)
		if (strcmp(labels->items[i].key, key) == 0)
			return labels->items[i].value;
	return NULL;
}

/* Kubernetes' Requirement.Matches: NotIn holds for an absent label too. */
static bool term_holds(const struct label_term *term, const struct label_list *labels)
{
	const char *value = find_label(labels, term->key);
	switch (term->op) {
	case LABEL_IN:
		return value && strings_contain(&term->values, value);
	case LABEL_NOT_IN:
		return !value || !strings_contain(&term->values, value);
	case LABEL_EXISTS:
		return value != NULL;
	case LABEL_DOES_NOT_EXIST:
		return value == NULL;
	}
	return false;
}

bool document_labels_match(const struct label_selector *selector,
			   const struct label_list *labels)
{
	for (size_t i = 0; i < selector->match_labels.len; i++) {
		const struct label *wanted = &selector->match_labels.items[i];
		const char *value = find_label(labels, wanted->key);
		if (!value || strcmp(value, wanted->value) != 0)
			return false;
	}
	for (size_t i = 0; i < selector->match_expressions.len; i++)
		if (!term_holds(&selector->match_expressions.items[i], labels))
			return false;
	return true;
}
