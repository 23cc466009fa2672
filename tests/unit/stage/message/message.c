/* SPDX-License-Identifier: MIT */
/* Commit messages: Flux's cases, the compatibility view, the default text, the limits. */
#include "tests/unit/lang/template/cases.h"

#include "base/limits.h"
#include "stage/message/message.h"

static const char *text_of(const struct value *map, const char *key, struct arena *arena)
{
	const char *text = value_get_text(map, key, arena);
	return text ? text : "";
}

static void add_object(const struct value *object, struct arena *arena,
		       struct change_list *out)
{
	const struct value *changes = value_get(object, "changes");
	for (size_t i = 0; i < changes->list.len; i++) {
		const struct value *item = changes->list.items[i];
		struct change *change = VEC_ADD(arena, out);
		change->object = (struct object_id){ text_of(object, "apiVersion", arena),
						     text_of(object, "kind", arena),
						     text_of(object, "namespace", arena),
						     text_of(object, "name", arena) };
		change->old_value = text_of(item, "old", arena);
		change->new_value = text_of(item, "new", arena);
		change->setter = text_of(item, "setter", arena);
		change->line = (uint32_t)i + 1;
	}
}

static struct run_changes take_run(const struct value *data, struct arena *arena)
{
	const struct value *automation = value_get(data, "automation");
	const struct value *files = value_get(data, "files");
	const struct value *values = value_get(data, "values");
	struct run_changes run = { .automation_namespace =
				       text_of(automation, "namespace", arena),
				   .automation_name =
				       text_of(automation, "name", arena) };
	for (size_t i = 0; files && files->kind == VALUE_MAP && i < files->map.len; i++) {
		const struct value_entry *entry = &files->map.items[i];
		struct file_change *file = VEC_ADD(arena, &run.files);
		file->path = entry->key;
		file->shown_path = arena_strndup(arena, entry->key);
		for (size_t k = 0; k < entry->value->list.len; k++)
			add_object(entry->value->list.items[k], arena, &file->changes);
	}
	for (size_t i = 0; values && values->kind == VALUE_MAP && i < values->map.len;
	     i++) {
		struct label *label = VEC_ADD(arena, &run.values);
		label->key = arena_strndup(arena, values->map.items[i].key);
		label->value = arena_strndup(arena, values->map.items[i].value->string);
	}
	return run;
}

static const char *render(const struct run_changes *run, const char *text,
			  struct arena *arena, struct finding_list *findings,
			  struct err *err)
{
	struct str out;
	const struct message_template tmpl = { text,
					       MESSAGE_TEMPLATE_NAME,
					       { STR("a.yaml"), 3, 1 } };
	int code = message_check(&tmpl, findings, err);
	if (!code)
		code = message_render(run, &tmpl, arena, &out, err);
	return code ? NULL : arena_strndup(arena, out);
}

static const char *run_case(const struct value *row, struct arena *arena, bool *failed)
{
	struct err err = ERR_INIT;
	struct finding_list findings = FINDING_LIST_INIT(arena);
	if (strcmp(value_get_text(row, "engine", arena), "flux") != 0)
		return NULL;
	const char *template = value_get_text(row, "template", arena);
	struct run_changes run = take_run(value_get(row, "data"), arena);
	const char *got = render(&run, template, arena, &findings, &err);
	*failed = got == NULL;
	return got ? got : arena_strdup(arena, case_stage(&err));
}

static void flux_cases_hold(void **state)
{
	(void)state;
	size_t n = 0;
	size_t bad = case_walk("fixtures/template/cases.jsonl", run_case, &n);
	assert_int_equal(bad, 0);
}

static const char *const object_json =
    "{\"automation\":{\"namespace\":\"flux-system\",\"name\":\"apps\"},\"files\":{"
    "\"a.yaml\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"namespace\":"
    "\"prod\",\"name\":\"web\",\"changes\":[{\"old\":\"nginx:1.25\",\"new\":"
    "\"nginx:1.26@sha256:aa\",\"setter\":\"flux-system:web\"},{\"old\":\"x\",\"new\":"
    "\"y\",\"setter\":\"flux-system:web:name\"}]}],\"b.yaml\":[{\"kind\":"
    "\"HelmRelease\",\"name\":\"api\",\"changes\":[{\"old\":\"1.0\",\"new\":\"1.1\","
    "\"setter\":\"flux-system:api:tag\"},{\"old\":\"1.0\",\"new\":\"1.1\",\"setter\":"
    "\"flux-system:api:tag\"}]}]}}";

static struct run_changes example(struct arena *arena)
{
	struct err err = ERR_INIT;
	struct value *json;
	assert_int_equal(json_parse(str_of(object_json), arena, &json, &err), 0);
	struct run_changes run = take_run(json, arena);
	VEC_PUSH(arena, &run.choices,
		 ((struct image_choice){
		     "flux-system", "api", { "ghcr.io/o/api", "1.1", "sha256:bb" } }));
	return run;
}

static void expect(const char *template, const char *want, size_t n_findings)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct run_changes run = example(&arena);
	const char *got = render(&run, template, &arena, &findings, &err);
	if (!got)
		fail_msg("%s", err.text);
	assert_string_equal(got, want);
	assert_int_equal(findings.len, n_findings);
}

static void updated_works_as_before(void **state)
{
	(void)state;
	expect("{{range .Updated.Images}}{{println .}}{{end}}",
	       "nginx:1.26@sha256:aa\nghcr.io/o/api:1.1@sha256:bb\n", 1);
	expect("{{range .Updated.Images}}{{.ImageName}} {{.OldTag}}>{{.NewTag}} "
	       "{{.OldValue}}>{{.NewValue}} {{.Policy}} {{.Policy.Name}};{{end}}",
	       "nginx 1.25>1.26 nginx:1.25>nginx:1.26@sha256:aa flux-system/web web;"
	       "ghcr.io/o/api 1.0>1.1 1.0>1.1 flux-system/api api;",
	       1);
	expect("{{range .Updated.Images}}{{.Name}} {{.Registry}} {{.Repository}} "
	       "{{.Identifier}};{{end}}",
	       "index.docker.io/library/nginx@sha256:aa index.docker.io library/nginx "
	       "sha256:aa;ghcr.io/o/api@sha256:bb ghcr.io o/api sha256:bb;",
	       1);
	expect("{{range $f, $r := .Updated.Files}}{{$f}}{{range $o, $i := $r.Objects}} "
	       "{{$o.Kind}}{{range $i}} {{.}}{{end}}{{end}};{{end}}",
	       "a.yaml Deployment nginx:1.26@sha256:aa;b.yaml HelmRelease "
	       "ghcr.io/o/api:1.1@sha256:bb;",
	       1);
	expect("{{range $o, $i := .Updated.Objects}}{{$o.Name}} {{end}}", "api web ", 1);
	expect("{{.}}",
	       "{flux-system/apps {map[a.yaml:map[{{{apps/v1 Deployment} {web "
	       "prod}}}:[{nginx:1.25 nginx:1.26@sha256:aa flux-system:web} {x y "
	       "flux-system:web:name}]] b.yaml:map[{{{ HelmRelease} {api "
	       "}}}:[{1.0 1.1 flux-system:api:tag} {1.0 1.1 "
	       "flux-system:api:tag}]]]} map[]}",
	       0);
}

static void changes_are_distinct_and_ordered(void **state)
{
	(void)state;
	expect("{{range .Changed.Changes}}{{.NewValue}} {{end}}",
	       "nginx:1.26@sha256:aa y 1.1 ", 0);
	expect("{{range $o, $c := .Changed.Objects}}{{$o.Kind}}={{len $c}} {{end}}",
	       "HelmRelease=2 Deployment=2 ", 0);
	expect("{{range $o, $c := .Changed.Objects}}{{toJson $o}}{{end}}",
	       "{\"kind\":\"HelmRelease\",\"name\":\"api\"}{\"apiVersion\":\"apps/v1\","
	       "\"kind\":\"Deployment\",\"name\":\"web\",\"namespace\":\"prod\"}",
	       0);
}

/* Two markers in one file are one place for who is told of it. */
static void images_count_their_files(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct run_changes run = { 0 };
	struct updated_image_list images = { NULL, 0, 0 };
	static const char *const paths[] = { "a.yaml", "b.yaml", "c.yaml" };
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct file_change *file = VEC_ADD(&arena, &run.files);
		file->path = str_of(paths[i]);
		for (uint32_t k = 1; k <= 2; k++) {
			struct change *change = VEC_ADD(&arena, &file->changes);
			change->setter = i == 2 && k == 2 ? "ns:other" : "ns:app";
			change->old_value = "r/app:1";
			change->new_value = "r/app:2";
			change->line = 7 * k;
		}
	}
	message_updated_images(&run, &arena, &images);
	assert_int_equal(images.len, 2);
	assert_true(str_is(images.items[0].path, "a.yaml"));
	assert_int_equal(images.items[0].line, 7);
	assert_int_equal(images.items[0].more_files, 2);
	assert_true(str_is(images.items[1].path, "c.yaml"));
	assert_int_equal(images.items[1].line, 14);
	assert_int_equal(images.items[1].more_files, 0);
}

static void default_message_lists_images(void **state)
{
	(void)state;
	expect(NULL,
	       "chore(image): update 2 images\n\n- flux-system/web: nginx 1.25 -> 1.26\n"
	       "- flux-system/api: ghcr.io/o/api 1.0 -> 1.1\n",
	       0);
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct run_changes run = example(&arena);
	run.files.len = 1;
	assert_string_equal(render(&run, "", &arena, &findings, &err),
			    "chore(image): update nginx to 1.26\n\n"
			    "- flux-system/web: nginx 1.25 -> 1.26\n");
}

static int check_text(const char *text, struct err *err)
{
	const struct message_template tmpl = { .text = text, .name = "m" };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	return message_check(&tmpl, &findings, err);
}

static void expect_error(const char *template, int code, const char *want)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct run_changes run = example(&arena);
	assert_null(render(&run, template, &arena, &findings, &err));
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, want);
}

static void errors_name_the_place(void **state)
{
	(void)state;
	expect_error("a\n{{ now }}", ERR_INVALID,
		     "commit message:2: parse: function \"now\" not defined");
	expect_error("{{ .Nope }}", ERR_INVALID,
		     "commit message:1:3: exec: executing \"commit message\" at <.Nope>: "
		     "can't evaluate field Nope in type source.TemplateData");
	expect_error("{{ printf \"%c\" 7 }}", ERR_INVALID,
		     "commit message:1: exec: the message is not UTF-8 without control "
		     "characters");
	expect_error(
	    "{{ repeat 70000 \"x\" }}", ERR_LIMIT,
	    "commit message:1:3: exec: executing \"commit message\" at <{{repeat "
	    "70000 \"x\"}}>: limit: 65536 bytes of output");
	struct err err = ERR_INIT;
	assert_int_equal(check_text("{{ if }}", &err), ERR_INVALID);
	assert_string_equal(err.text, "m:1: parse: missing value for if");
	assert_int_equal(check_text("{{ .Anything }}", &err), 0);
	assert_int_equal(check_text(NULL, &err), 0);
}

static void references_split(void **state)
{
	(void)state;
	static const char *const rows[][4] = {
		{ "nginx", "nginx", "", "" },
		{ "nginx:1", "nginx", "1", "" },
		{ "r:5000/a", "r:5000/a", "", "" },
		{ "r:5000/a:1@sha256:x", "r:5000/a", "1", "sha256:x" },
		{ "a@sha256:x", "a", "", "sha256:x" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str name;
		struct str tag;
		struct str digest;
		message_split_ref(str_of(rows[i][0]), &name, &tag, &digest);
		assert_true(str_is(name, rows[i][1]) && str_is(tag, rows[i][2]) &&
			    str_is(digest, rows[i][3]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flux_cases_hold),
		cmocka_unit_test(updated_works_as_before),
		cmocka_unit_test(changes_are_distinct_and_ordered),
		cmocka_unit_test(images_count_their_files),
		cmocka_unit_test(default_message_lists_images),
		cmocka_unit_test(errors_name_the_place),
		cmocka_unit_test(references_split),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
