/* SPDX-License-Identifier: MIT */
/* ImageRepository: which image is scanned, how often and with which secrets. The image's
 * own grammar is the scan stage's. */
#include "adapter/regex/regex.h"
#include "base/limits.h"
#include "stage/document/schema.h"

struct form {
	struct image_repository out;
	struct strings exclusions;
	struct place exclusions_place, provider_place, account_place;
};

static const struct field secret_rows[] = {
	FIELD("name", struct form, out.secret_ref, .flags = FIELD_REQUIRED | FIELD_NAME,
	      .help = "the secret's name"),
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

static const struct field selector_rows[] = {
	FIELD("matchLabels", struct label_selector, match_labels,
	      .help = "labels that the policy's namespace must have; none: every "
		      "namespace"),
};

static const struct field access_rows[] = {
	FIELD_ITEMS("namespaceSelectors", struct form, out.access_selectors,
		    struct label_selector, selector_rows, .flags = FIELD_REQUIRED,
		    .help = "one that matches is enough; an empty list admits nobody"),
};

static const struct field rows[] = {
	FIELD("image", struct form, out.image, .flags = FIELD_REQUIRED,
	      FIELD_PLACE(struct form, out.image_place),
	      .help = "the image's address, without scheme, tag and digest"),
	FIELD("interval", struct form, out.interval_ms, .flags = FIELD_REQUIRED,
	      .help = "time between two scans: `5m`, `1h30m`"),
	FIELD("timeout", struct form, out.timeout_ms, .flags = FIELD_NO_HOURS,
	      .help = "time for one scan, at least a second; the interval when not "
		      "given"),
	FIELD_INSIDE("secretRef", secret_rows,
		     .help = "credentials of the registry: a docker-config secret"),
	FIELD_INSIDE("proxySecretRef", proxy_rows, .help = "a proxy to scan through"),
	FIELD_INSIDE("certSecretRef", cert_rows,
		     .help = "certificates to trust and to show"),
	FIELD("serviceAccountName", struct form, out.service_account, .max = 253,
	      FIELD_PLACE(struct form, account_place),
	      .help = "not supported: there are no service accounts outside a cluster"),
	FIELD("suspend", struct form, out.suspend, .help = "true: do not scan"),
	FIELD_INSIDE("accessFrom", access_rows,
		     FIELD_PRESENT(struct form, out.access_from),
		     .help = "which other namespaces' policies may use this image"),
	FIELD("exclusionList", struct form, exclusions, .max = LIMIT_EXCLUSIONS,
	      FIELD_PLACE(struct form, exclusions_place),
	      .help = "regular expressions (RE2, unanchored) of tags to leave out; when "
		      "given, it replaces the default `" DOCUMENT_EXCLUDE_SIGNATURES
		      "`, `" DOCUMENT_EXCLUDE_DIGESTS "`"),
	FIELD("provider", struct form, out.provider, .fallback = "generic",
	      .choices = "generic|aws|azure|gcp",
	      FIELD_PLACE(struct form, provider_place),
	      .help = "who issues credentials; only *generic* is supported"),
	FIELD("insecure", struct form, out.insecure,
	      .help = "true: plain HTTP is allowed too, if the admin permits this host"),
};

/* Upstream finds a bad expression at every scan; here it is said once, before one. */
static void check_exclusions(struct decode *d, const struct form *form)
{
	for (size_t i = 0; i < form->exclusions.len; i++) {
		struct err err = ERR_INIT;
		struct regex *regex REGEX_CLEANUP = NULL;
		const char *pattern = form->exclusions.items[i];
		if (regex_new(str_of(pattern), &regex, &err) == 0)
			continue;
		(void)decode_refuse(d, form->exclusions_place, "invalid-exclusion",
				    "ReadOperationFailed",
				    "scan failed: failed to compile regex %s: %s",
				    show_text(d->arena, str_of(pattern)), err.text);
	}
}

static void check_login(struct decode *d, const struct form *form)
{
	const struct image_repository *out = &form->out;
	struct finding *finding = NULL;
	if (strcmp(out->provider, "generic") != 0)
		finding = decode_refuse(d, form->provider_place, "unsupported-provider",
					"AuthenticationFailed",
					"failed to configure authentication options: "
					"provider '%s' is not supported yet",
					out->provider);
	else if (out->service_account && out->service_account[0])
		finding =
		    decode_refuse(d, form->account_place, "unsupported-service-account",
				  "AuthenticationFailed",
				  "failed to configure authentication options: "
				  "spec.serviceAccountName is not supported");
	if (finding)
		finding->hint = "name a docker-config secret in spec.secretRef";
}

static void finish(struct decode *d, void *ptr)
{
	struct form *form = ptr;
	struct image_repository *out = &form->out;
	if (out->timeout_ms == 0)
		out->timeout_ms = out->interval_ms;
	if (out->timeout_ms < 1000)
		out->timeout_ms = 1000;
	check_exclusions(d, form);
	check_login(d, form);
	out->exclusion_list = form->exclusions;
	out->exclusion_is_default = form->exclusions.len == 0;
	if (out->exclusion_is_default) {
		strings_add(d->arena, &out->exclusion_list, DOCUMENT_EXCLUDE_SIGNATURES);
		strings_add(d->arena, &out->exclusion_list, DOCUMENT_EXCLUDE_DIGESTS);
	}
}

static void add(struct document_set *set, const void *form)
{
	VEC_PUSH(set->arena, &set->repositories, ((const struct form *)form)->out);
}

const struct kind kind_image_repository = {
	.name = "ImageRepository",
	KIND_OF_IMAGES,
	KIND_FORM(struct form, rows),
	.summary = "An image whose tags are scanned.",
	.example = "apiVersion: image.toolkit.fluxcd.io/v1\n"
		   "kind: ImageRepository\n"
		   "metadata:\n"
		   "  name: app\n"
		   "  namespace: flux-system\n"
		   "spec:\n"
		   "  image: ghcr.io/org/app\n"
		   "  interval: 5m\n"
		   "  secretRef:\n"
		   "    name: ghcr-credentials\n",
};
