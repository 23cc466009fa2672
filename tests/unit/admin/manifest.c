/* SPDX-License-Identifier: MIT */
#include "admin/manifest.h"
#include "base/buf.h"
#include "tests/unit/unit.h"

#define HEAD "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ns}\n"

static const struct {
	const char *text;
	const char *stored; /* NS/NAME KEY=VALUE..., or the error */
} cases[] = {
	{ HEAD "data: {b: aGVsbG8=, a: \"\"}\n", "ns/s a= b=hello\n" },
	{ HEAD "data:\n  a: aGVs\n    bG8=\nstringData: {a: wins, c: 'plain'}\n",
	  "ns/s a=wins c=plain\n" },
	{ "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: x}\n",
	  "flux-system/s a=x\n" },
	{ HEAD "stringData: {a: x}\n---\n---\n" HEAD "stringData: {b: z}\n",
	  "ns/s a=x\nns/s b=z\n" },
	{ HEAD "type: kubernetes.io/dockerconfigjson\nstringData:\n"
	       "  .dockerconfigjson: '{\"auths\":{\"ghcr.io\":{}}}'\n",
	  "ns/s .dockerconfigjson={\"auths\":{\"ghcr.io\":{}}}\n" },
	{ "", "no Secret in the text" },
	{ "hello", "1:1: not a Kubernetes object: it has no kind" },
	{ "apiVersion: v1\nkind: ConfigMap\n", "1:1: kind 'ConfigMap' is not Secret" },
	{ "kind: Secret\n", "1:1: apiVersion '' is not v1" },
	{ "kind: SealedSecret\n",
	  "1:1: a SealedSecret can only be opened in its cluster; "
	  "store the Secret that it was made from" },
	{ HEAD "sops: {}\n", "1:1: this Secret is encrypted; decrypt it first: sops -d "
			     "FILE | imagehook secret set -f -" },
	{ HEAD, "1:1: the Secret 'ns/s' has no data" },
	{ "apiVersion: v1\nkind: Secret\n", "1:1: metadata.name is missing" },
	{ "apiVersion: v1\nkind: Secret\nmetadata: {name: ../x}\n",
	  "1:1: secret name '../x' is not a name of a-z, 0-9, '-' and '.'" },
	{ HEAD "data: {a: 'hunter2!'}\n",
	  "4:11: key 'a': not base64; plain text belongs under stringData" },
	{ HEAD "stringData: {a: 12}\n",
	  "4:17: key 'a': not a string but a integer: quote it" },
	{ HEAD "stringData: {a: *hunter2}\n",
	  "4:17: an alias or a tag that does not fit; quote a value that begins with '*' "
	  "or '!'" },
	{ HEAD "stringData: {a: &a [*a, hunter2]}\n",
	  "4:21: an alias or a tag that does not fit; quote a value that begins with '*' "
	  "or '!'" },
	{ HEAD "stringData: {a: !!int hunter2}\n",
	  "4:17: an alias or a tag that does not fit; quote a value that begins with '*' "
	  "or '!'" },
	{ HEAD "stringData: {a/b: x}\n",
	  "4:19: key 'a/b' is not a name of letters, digits, '.', '_' and '-'" },
	{ HEAD "stringData: [x]\n", "4:13: stringData is not a map but a list" },
	{ HEAD "stringData: {a: x, a: y}\n", "4:20: key 'a' stands twice" },
	{ HEAD "type: kubernetes.io/dockerconfigjson\nstringData: {a: x}\n",
	  "1:1: a Secret of type kubernetes.io/dockerconfigjson needs the key "
	  "'.dockerconfigjson'" },
	{ HEAD "stringData: {.dockerconfigjson: hunter2}\n",
	  "1:1: key '.dockerconfigjson' is not a docker config" },
};

static void describe(const struct manifest_secrets *secrets, struct buf *out)
{
	for (size_t i = 0; i < secrets->len; i++) {
		const struct manifest_secret *secret = &secrets->items[i];
		assert_true(buf_printf(out, "%s/%s", secret->namespace, secret->name));
		for (size_t k = 0; k < secret->data.len; k++)
			assert_true(buf_printf(out, " %s=%.*s", secret->data.items[k].key,
					       STR_ARG(secret->data.items[k].value)));
		assert_true(buf_puts(out, "\n"));
	}
}

static void test_manifests(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct manifest_secrets secrets = { NULL, 0, 0 };
		struct buf out BUF_CLEANUP = BUF_INIT(65536);
		struct err err = ERR_INIT;
		char message[ERR_TEXT_BYTES];
		if (manifest_read(str_of(cases[i].text), "flux-system", &arena, &secrets,
				  &err)) {
			err_format(&err, message, sizeof(message));
			assert_string_equal(message, cases[i].stored);
			assert_int_equal(secrets.len, 0);
			assert_null(strstr(message, "hunter2"));
			continue;
		}
		describe(&secrets, &out);
		assert_string_equal(buf_cstr(&out), cases[i].stored);
	}
}

static void test_docker_config(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str config =
	    docker_config(&arena, "ghcr.io", "bot", STR("p:a \"\xc3\x9f"));
	assert_true(str_is(config, "{\"auths\":{\"ghcr.io\":{\"username\":\"bot\","
				   "\"password\":\"p:a \\\"\xc3\x9f\","
				   "\"auth\":\"Ym90OnA6YSAiw58=\"}}}"));
	assert_int_equal(docker_config_check(config, &err), 0);
	assert_int_equal(docker_config_check(STR("{}"), &err), ERR_INVALID);
	assert_int_equal(docker_config_check(STR("{\"auths\":{\"a\":1}}"), &err),
			 ERR_INVALID);
	assert_int_equal(docker_config_check(STR("x"), &err), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manifests),
		cmocka_unit_test(test_docker_config),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
