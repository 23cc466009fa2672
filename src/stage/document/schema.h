/* SPDX-License-Identifier: MIT */
/*
 * How a kind of document is described: rows that name a field, where it is kept, what it
 * may hold and what it means. The walker decodes by them and the manual is written from
 * them; a kind is one file with its rows and one line in kinds.c.
 */
#ifndef STAGE_DOCUMENT_SCHEMA_H
#define STAGE_DOCUMENT_SCHEMA_H

#include "base/finding.h"
#include "model/document.h"

enum field_type {
	FIELD_TEXT,     /* const char *, NULL when absent */
	FIELD_BOOL,     /* bool */
	FIELD_DURATION, /* int64_t, milliseconds */
	FIELD_TEXTS,    /* struct strings */
	FIELD_LABELS,   /* struct label_list, a map of strings */
	FIELD_OBJECT,   /* rows of its own, kept in the same form */
	FIELD_OBJECTS,  /* a list; every item is a struct of its own */
	FIELD_ANY       /* known, not read */
};

enum field_flag {
	FIELD_REQUIRED = 1,
	FIELD_NAME = 2,     /* an RFC 1123 subdomain */
	FIELD_NO_HOURS = 4, /* a duration without the unit h */
	FIELD_ALWAYS = 8,   /* an absent object counts as `{}` */
	FIELD_LITERAL = 16  /* `${...}` belongs to its own language */
};

struct field {
	const char *name;
	enum field_type type;
	unsigned flags;
	size_t off;         /* in the form */
	size_t present_off; /* a bool that tells whether the field is there; 0: none */
	size_t place_off;   /* a struct place of the value; 0: none */
	size_t places_off; /* FIELD_TEXTS: a VEC_OF(struct place), one an item; 0: none */
	const char *fallback; /* the default as text, or NULL */
	const char *choices;  /* `a|b`, or NULL */
	size_t max;           /* items or bytes; 0: no own maximum */
	const struct field *fields;
	size_t n_fields;
	size_t item_bytes;
	const char *help;
};

/* The type that a member's C type stands for; another C type does not compile. */
#define FIELD_TYPE_OF(form, member) \
	_Generic(((form *)0)->member,                   \
		 const char *: FIELD_TEXT,              \
		 bool: FIELD_BOOL,                      \
		 int64_t: FIELD_DURATION,               \
		 struct strings: FIELD_TEXTS,           \
		 struct label_list: FIELD_LABELS)
/* offsetof() of a member that must be of type c_type. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type takes none */
#define FIELD_OFF(form, member, c_type) \
	(offsetof(form, member) + 0 * sizeof(_Generic(((form *)0)->member, c_type : 1)))
/* NOLINTEND(bugprone-macro-parentheses) */

/* A row; what follows are designated initialisers. */
#define FIELD(key, form, member, ...)                               \
	{                                                           \
		.name = (key), .type = FIELD_TYPE_OF(form, member), \
		.off = offsetof(form, member), __VA_ARGS__          \
	}
#define FIELD_INSIDE(key, rows, ...)                                   \
	{                                                              \
		.name = (key), .type = FIELD_OBJECT, .fields = (rows), \
		.n_fields = ARRAY_LEN(rows), __VA_ARGS__               \
	}
#define FIELD_ITEMS(key, form, member, item, rows, ...)                             \
	{                                                                           \
		.name = (key), .type = FIELD_OBJECTS, .fields = (rows),             \
		.n_fields = ARRAY_LEN(rows), .item_bytes = sizeof(item),            \
		.off = offsetof(form, member) +                                     \
		       0 * sizeof(_Generic(((form *)0)->member.items, item * : 1)), \
		__VA_ARGS__                                                         \
	}
#define FIELD_UNREAD(key)                        \
	{                                        \
		.name = (key), .type = FIELD_ANY \
	}
#define FIELD_PRESENT(form, member) .present_off = FIELD_OFF(form, member, bool)
#define FIELD_PLACE(form, member)   .place_off = FIELD_OFF(form, member, struct place)
#define FIELD_PLACES(form, member)   \
	.places_off =                \
	    offsetof(form, member) + \
	    0 * sizeof(_Generic(((form *)0)->member.items, struct place * : 1))

/* The text that holds the object, for places and hints. */
struct source {
	struct str path;
	struct str text;    /* one document of the file, or several */
	uint32_t line_base; /* lines of the file before it */
	uint32_t *lines;    /* offsets of the text's lines, made when first needed */
	size_t n_lines;
};

/* What decoding one object needs. */
struct decode {
	struct arena *arena; /* of the set: what the object keeps */
	struct finding_list *findings;
	struct source *source;
	struct object_meta *meta; /* of the object; its valid is cleared by a mistake */
	const char *object;       /* `Kind/namespace/name` */
	bool substitutes;         /* whether `${...}` is judged */
	size_t unknown;           /* unknown fields so far */
};

/* Where a value stands in the document: `spec.git.commit`, by its links upwards. */
struct trail {
	const struct trail *up;
	struct str name;
	size_t item; /* 1-based index in a list; 0: a field */
};

/* What every VEC_OF() begins with, for code that does not know the item's type. */
struct any_vec {
	void *items;
	size_t len;
	size_t cap;
};

struct resolution;

/* A kind of document. All forms begin with a struct object_meta. */
struct kind {
	const char *name;
	const char *group;          /* "" for Kubernetes' own */
	const char *versions;       /* read: `v1beta1 v1` */
	const char *deprecated;     /* those of them that get a finding, or NULL */
	const char *refused;        /* known, not read, or NULL */
	bool judged;                /* mistakes in it are findings */
	const struct field *fields; /* of spec; NULL: not read */
	size_t n_fields;
	size_t form_bytes;
	/* after the rows: what rows cannot say; NULL: nothing */
	void (*finish)(struct decode *d, void *form);
	void (*add)(struct document_set *set, const void *form);
	/* after all objects are there: references; NULL: none */
	void (*resolve)(const struct resolution *resolution);
	const char *summary; /* for the manual */
	const char *example;
};

/* What the row of a kind says that is read field by field: its form, its rows, and its
 * file's own finish() and add(). */
#define KIND_FORM(form, rows)                                          \
	.judged = true, .fields = (rows), .n_fields = ARRAY_LEN(rows), \
	.form_bytes = sizeof(form), .finish = finish, .add = add
/* The groups that several kinds are of, with the versions that are read. */
#define KIND_OF_IMAGES                                                        \
	.group = "image.toolkit.fluxcd.io", .versions = "v1beta1 v1beta2 v1", \
	.deprecated = "v1beta1 v1beta2", .refused = "v1alpha1 v1alpha2"
#define KIND_OF_NOTIFICATIONS                      \
	.group = "notification.toolkit.fluxcd.io", \
	.versions = "v1beta1 v1beta2 v1beta3 v1"

extern const struct kind *const document_kinds[DOCUMENT_KINDS];

/* A form, and the rows by which it is filled. */
struct filling {
	const struct field *fields;
	size_t n;
	void *form;
};

/* Decodes a map by rows into the form; `place` is where the map stands. */
void walk_fields(struct decode *d, const struct trail *trail, const struct value *map,
		 struct place place, const struct filling *filling);
/* Sets what rows keep when nothing is given: defaults, "" for required texts. */
void walk_defaults(const struct field *fields, size_t n, void *form);
/* `integer`, `array`: a value's type as the API server names it. */
const char *walk_type_name(const struct value *value);

/* Adds an error of the object and makes it invalid; the first one is its reason and
 * message. Returns the finding for a hint. */
struct finding *decode_refuse(struct decode *d, struct place place, const char *id,
			      const char *reason, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* A value that the schema refuses: `PATH: TEXT`, with the reason Invalid. */
struct finding *decode_reject(struct decode *d, const struct trail *trail,
			      struct place place, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* A place in the file, from a line and column of the document; line 0 means the file
 * alone. */
struct place decode_place(const struct decode *d, uint32_t line, uint32_t col);
/* The text from a place of the source up to its line's end; empty when there is none. */
struct str source_at(struct source *source, struct arena *arena, uint32_t line,
		     uint32_t col);
/* `spec.git.commit`, as it is shown in a message. */
const char *show_trail(const struct decode *d, const struct trail *trail);
/* A value as it is shown in a message: escaped, cut. */
const char *show_text(struct arena *arena, struct str s);

/* What resolving needs: the whole set, ordered and without duplicates. */
struct resolution {
	struct document_set *set;
	struct finding_list *findings;
};

/* Labels that a Namespace document of the cluster gives, and its name. */
void resolve_namespace_labels(const struct document_set *set, const char *cluster,
			      const char *namespace, struct label_list *out);

#endif
