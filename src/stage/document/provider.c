/* SPDX-License-Identifier: MIT */
/* Provider: where notifications go and with which secrets. What an address must look
 * like is its type's to say, when it is used. */
#include "base/text.h"
#include "lang/cel/cel.h"
#include "model/event.h"
#include "stage/document/schema.h"

struct form {
	struct provider out;
	int64_t interval_ms;
	struct place proxy_place, account_place;
	const char *account;
};

static const struct provider_type {
	const char *name;
	unsigned flags;
} types[] = {

#define PROVIDER_TYPE(file, name, flags) { name, flags },
#define PROVIDER_LEFT_OUT(name, why)     { name, PROVIDER_UNSUPPORTED },
#include "model/provider_types.list"
#undef PROVIDER_TYPE
#undef PROVIDER_LEFT_OUT
};

static const struct field secret_rows[] = {
	FIELD("name", struct form, out.secret_ref, .flags = FIELD_REQUIRED | FIELD_NAME,
	      .help = "the secret's name; which keys it needs depends on the type: "
		      "*address*, *token*, *username*, *password*, *headers*"),
};

static const struct field proxy_rows[] = {
	FIELD("name", struct form, out.proxy_secret_ref,
	      .flags = FIELD_REQUIRED | FIELD_NAME,
	      .help = "the secret's name; its keys are *address*, *username*, "
		      "*password*"),
};

static const struct field cert_rows[] = {
	FIELD("name", struct form, out.cert_secret_ref,
	      .flags = FIELD_REQUIRED | FIELD_NAME,
	      .help = "the secret's name; its keys are *ca.crt*, *tls.crt*, *tls.key*"),
};

static const struct field rows[] = {
	FIELD("type", struct form, out.type, .flags = FIELD_REQUIRED,
	      FIELD_PLACE(struct form, out.type_place),
	      .help = "which service: see imagehook-providers(5)"),
	FIELD("interval", struct form, interval_ms,
	      .help = "read for older documents; nothing depends on it"),
	FIELD("channel", struct form, out.channel, .fallback = "", .max = 2048,
	      .help = "the channel, room or routing key, as the type has it"),
	FIELD("username", struct form, out.username, .fallback = "", .max = 2048,
	      .help = "the name to speak under; the secret's *username* wins"),
	FIELD("address", struct form, out.address, .fallback = "", .max = 2048,
	      FIELD_PLACE(struct form, out.address_place),
	      .help = "where to send; the secret's *address* wins"),
	FIELD("timeout", struct form, out.timeout_ms, .flags = FIELD_NO_HOURS,
	      .fallback = "15s", .help = "time for one delivery with its attempts"),
	FIELD("proxy", struct form, out.proxy, .fallback = "", .max = 2048,
	      FIELD_PLACE(struct form, proxy_place),
	      .help = "a proxy's address, http or https; deprecated: proxySecretRef"),
	FIELD_INSIDE("proxySecretRef", proxy_rows, .help = "a proxy to send through"),
	FIELD_INSIDE("secretRef", secret_rows, .help = "what the service asks for"),
	FIELD_INSIDE("certSecretRef", cert_rows,
		     .help = "certificates to trust and to show"),
	FIELD("serviceAccountName", struct form, account, .max = 253,
	      FIELD_PLACE(struct form, account_place),
	      .help = "not supported: there are no service accounts outside a cluster"),
	FIELD("suspend", struct form, out.suspend, .help = "true: send nothing"),
	FIELD("commitStatusExpr", struct form, out.commit_status_expr,
	      .flags = FIELD_LITERAL, FIELD_PLACE(struct form, out.expr_place),
	      .help = "a CEL expression that gives the context of a commit status; only "
		      "for types that set one"),
};

static const struct provider_type *find_type(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

static void check_type(struct decode *d, const struct form *form)
{
	const char *names[ARRAY_LEN(types)];
	const struct provider_type *type = find_type(form->out.type);
	/* that it is not there was said */
	if (form->out.type[0] == '\0' || (type && !(type->flags & PROVIDER_UNSUPPORTED)))
		return;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		names[i] = types[i].name;
	struct finding *finding = decode_refuse(
	    d, form->out.type_place, "unsupported-provider", "Invalid",
	    "provider %s not supported", show_text(d->arena, str_of(form->out.type)));
	const char *nearest =
	    type ? NULL : str_nearest(form->out.type, names, ARRAY_LEN(types));
	if (type)
		finding->hint = "this service is not reached by plain HTTP: send to a "
				"'generic' receiver that passes events on";
	else if (nearest)
		finding->hint =
		    arena_printf(d->findings->arena, "did you mean '%s'?", nearest);
}

static void check_proxy(struct decode *d, const struct form *form)
{
	struct str proxy = str_of(form->out.proxy);
	if (proxy.len && !str_starts(proxy, STR("http://")) &&
	    !str_starts(proxy, STR("https://")))
		(void)decode_refuse(d, form->proxy_place, "invalid-field", "Invalid",
				    "spec.proxy: Invalid value: spec.proxy in body "
				    "should match '^(http|https)://.*$'");
}

/* What is wrong with it is known before any event comes. */
static void compile_expression(struct decode *d, const struct form *form)
{
	static const char *names[] = { "event", "provider", "alert" };
	const struct strings roots = { names, ARRAY_LEN(names), ARRAY_LEN(names) };
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct cel *cel = NULL;
	const char *expr = form->out.commit_status_expr;
	if (cel_compile(str_of(expr), &roots, &scratch, &cel, &err) == 0)
		return;
	struct finding *finding =
	    decode_refuse(d, form->out.expr_place, "invalid-expression", "Invalid",
			  "spec.commitStatusExpr: %s", err.text);
	if (err.line)
		finding->hint = arena_printf(
		    d->findings->arena, "line %lu, column %lu of the expression",
		    (unsigned long)err.line, (unsigned long)err.col);
}

static void check_expression(struct decode *d, const struct form *form)
{
	const struct provider_type *type = find_type(form->out.type);
	if (!form->out.commit_status_expr || !type)
		return;
	if (!(type->flags & PROVIDER_COMMIT_STATUS))
		(void)decode_refuse(
		    d, form->out.expr_place, "invalid-field", "Invalid",
		    "spec.commitStatusExpr: it is only for the provider types 'github', "
		    "'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops'");
	else
		compile_expression(d, form);
}

static void finish(struct decode *d, void *ptr)
{
	struct form *form = ptr;
	struct provider *out = &form->out;
	out->uid = out->meta.uid ? out->meta.uid : "";
	out->service_account = form->account && form->account[0] ? form->account : NULL;
	if (out->commit_status_expr && out->commit_status_expr[0] == '\0')
		out->commit_status_expr = NULL;
	check_type(d, form);
	check_proxy(d, form);
	check_expression(d, form);
	if (!out->service_account)
		return;
	struct finding *finding =
	    decode_refuse(d, form->account_place, "unsupported-service-account",
			  "Invalid", "spec.serviceAccountName is not supported");
	finding->hint = "name a secret in spec.secretRef";
}

static void add(struct document_set *set, const void *form)
{
	VEC_PUSH(set->arena, &set->providers, ((const struct form *)form)->out);
}

static bool is_named(const struct document_set *set, const struct provider *provider)
{
	for (size_t i = 0; i < set->alerts.len; i++) {
		const struct alert *alert = &set->alerts.items[i];
		if (strcmp(alert->meta.cluster, provider->meta.cluster) == 0 &&
		    strcmp(alert->meta.namespace, provider->meta.namespace) == 0 &&
		    strcmp(alert->provider_ref, provider->meta.name) == 0)
			return true;
	}
	return false;
}

static void resolve(const struct resolution *resolution)
{
	const struct document_set *set = resolution->set;
	for (size_t i = 0; i < set->providers.len; i++) {
		const struct provider *provider = &set->providers.items[i];
		const struct provider_type *type = find_type(provider->type);
		if (!type || (type->flags & PROVIDER_COMMIT_STATUS) ||
		    is_named(set, provider))
			continue;
		struct arena *arena = resolution->findings->arena;
		struct finding *finding = finding_add(
		    resolution->findings, SEVERITY_WARNING, "unused-provider",
		    provider->meta.place, "no Alert names the Provider '%s/%s'",
		    provider->meta.namespace, provider->meta.name);
		finding->object =
		    arena_printf(arena, "Provider/%s/%s", provider->meta.namespace,
				 provider->meta.name);
		finding->hint =
		    arena_printf(arena,
				 "add an Alert in namespace '%s' with providerRef.name: "
				 "%s",
				 provider->meta.namespace, provider->meta.name);
	}
}

const struct kind kind_provider = {
	.name = "Provider",
	KIND_OF_NOTIFICATIONS,
	KIND_FORM(struct form, rows),
	.resolve = resolve,
	.summary = "Where notifications go: a chat, a webhook, a Git host.",
	.example = "apiVersion: notification.toolkit.fluxcd.io/v1beta3\n"
		   "kind: Provider\n"
		   "metadata:\n"
		   "  name: slack\n"
		   "  namespace: flux-system\n"
		   "spec:\n"
		   "  type: slack\n"
		   "  channel: general\n"
		   "  secretRef:\n"
		   "    name: slack-url\n",
};
