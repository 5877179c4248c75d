/* kind.c - which files may be uploaded, and whether they are what they say. */
#include <string.h>
#include <strings.h>

#include "setup/knowledge.h"
#include "wire/zip.h"

#define UNPACKED_MAX ((uint64_t)100 << 20)
#define RATIO_MAX    200 /* of a document's own members; text packs to 20 */
#define SMALL	     ((uint64_t)1 << 20) /* no ratio is asked below it */

#define DOCX \
	"application/vnd.openxmlformats-officedocument.wordprocessingml." \
	"document"

static const struct kind kinds[] = {
	{ "txt", "text/plain", true },
	{ "md", "text/markdown", true },
	{ "markdown", "text/markdown", true },
	{ "csv", "text/csv", true },
	{ "tsv", "text/tab-separated-values", true },
	{ "json", "application/json", true },
	{ "xml", "application/xml", true },
	{ "yaml", "application/yaml", true },
	{ "yml", "application/yaml", true },
	{ "log", "text/plain", true },
	{ "pdf", "application/pdf", false },
	{ "doc", "application/msword", false },
	{ "docx", DOCX, false },
};

const struct kind *
kind_find(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && dot != name && i < COUNT(kinds); i++)
		if (strcasecmp(dot + 1, kinds[i].ext) == 0)
			return &kinds[i];
	return NULL;
}

const char *
kind_list(void)
{
	return "txt, md, csv, tsv, json, xml, yaml, log, pdf, doc or docx";
}

static const char *
text_wrong(const char *s, size_t len)
{
	if (memchr(s, '\0', len) != NULL || !str_utf8(s, len))
		return "must be text in UTF-8; save it in that encoding, or "
		       "as PDF";
	return NULL;
}

/* What a word processor's file has to hold. */
static void
docx_seen(void *ctx, const char *name, size_t len)
{
	static const char body[] = "word/document.xml";

	if (len == sizeof(body) - 1 && memcmp(name, body, len) == 0)
		*(bool *)ctx = true;
}

static const char *
docx_wrong(const char *s, size_t len)
{
	bool found = false;
	struct zip z = { .seen = docx_seen, .ctx = &found };

	if (!zip_look(&z, s, len) || !found)
		return "is not a Word document";
	if (z.unpacked > UNPACKED_MAX ||
	    (z.unpacked > SMALL && z.unpacked / RATIO_MAX > z.packed))
		return "unpacks to far more than a document holds";
	return NULL;
}

const char *
kind_wrong(const struct kind *k, const char *s, size_t len)
{
	if (len == 0)
		return "is empty";
	if (k->text)
		return text_wrong(s, len);
	if (str_eq(k->ext, "docx"))
		return docx_wrong(s, len);
	if (str_eq(k->ext, "pdf"))
		return memmem(s, len < 1024 ? len : 1024, "%PDF-", 5) != NULL ?
		    NULL :
		    "is not a PDF document";
	return len > 8 &&
		memcmp(s, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0 ?
	    NULL :
	    "is not a Word document";
}
