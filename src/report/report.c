/*
 * report.c - the document around the sections: head, style, the data and the seal.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "base/ascii.h"
#include "checklist/record.h"
#include "content.h"
#include "doc.h"

/* One column that also fits A4 on paper; nothing is loaded from anywhere. */
static const char style[] =
	"@page{size:A4;margin:14mm 14mm 16mm}"
	"*{box-sizing:border-box}"
	"body{font:10pt/1.4 \"Helvetica Neue\",Helvetica,Arial,\"Liberation Sans\",sans-serif;color:#111;"
	"background:#fff;margin:0}"
	"main{max-width:190mm;margin:0 auto;padding:8mm}"
	"header{border-bottom:2px solid #111;padding-bottom:3mm;margin-bottom:2mm}"
	"header p{margin:0;color:#444}h1{font-size:20pt;line-height:1.2;margin:0 0 2mm;"
	"overflow-wrap:anywhere}"
	"h2{font-size:12pt;margin:6mm 0 1.5mm;padding-bottom:.6mm;border-bottom:1px solid #999;break-after:avoid}"
	"h3{font-size:10pt;margin:3mm 0 1mm;break-after:avoid}p{margin:1mm 0;overflow-wrap:anywhere}"
	"table{border-collapse:collapse;width:100%;margin:1.5mm 0;font-size:9pt}"
	"th,td{text-align:left;vertical-align:top;padding:.5mm 2mm .5mm 0;border-bottom:1px solid #ddd}"
	".t{overflow-wrap:anywhere}"
	"th{font-weight:600;border-bottom-color:#777}.r{text-align:right;font-variant-numeric:tabular-nums}"
	"thead{display:table-header-group}tr,figure,svg{break-inside:avoid}"
	".dim{color:#555;font-size:9pt}"
	".good,.warn,.bad{border-left:3px solid;padding-left:2mm;font-weight:600}"
	".good{border-color:#1a7f37}.warn{border-color:#b58100}.bad{border-color:#b00020;color:#b00020}"
	".good:before{content:\"\\2713  \"}.warn:before{content:\"!  \"}.bad:before{content:\"\\2717  \"}"
	".side{display:flex;gap:5mm;align-items:flex-start}.side figure{flex:0 0 62mm;margin:0}"
	".side>div{flex:1}figcaption{font-size:8pt;color:#555}"
	"svg{display:block;width:100%;font-family:inherit}"
	"footer{margin-top:8mm;border-top:1px solid #999;padding-top:2mm;font-size:8pt;color:#444;"
	"break-inside:avoid}code{font:8pt \"DejaVu Sans Mono\",\"Liberation Mono\",monospace;overflow-wrap:anywhere}"
	"@media print{main{max-width:none;padding:0}a{color:inherit}}"
	"@media screen and (max-width:640px){.side{display:block}}";

static const char *title_of(const json_t *data)
{
	const char *name = content_text(json_object_get(data, "site"), "name");

	return *name ? name : content_text(json_object_get(data, "meter"), "title");
}

/* Who, what and where, at the head of both kinds. */
static void particulars(struct doc *d, const json_t *data)
{
	const json_t *site = json_object_get(data, "site"), *meter = json_object_get(data, "meter");
	char when[24];

	doc_table(d, "lt", NULL);
	doc_cell(d, "Site");
	doc_cell(d, "%s", *content_text(site, "name") ? content_text(site, "name") : "not named");
	doc_cell(d, "Technician");
	doc_cell(d, "%s", *content_text(site, "technician") ? content_text(site, "technician") : "not named");
	doc_cell(d, "Date");
	doc_cell(d, "%s", content_time(data, "time", 16, when));
	doc_cell(d, "Meter");
	if (*content_text(meter, "id"))
		doc_cell(d, "%s, serial number %s", content_text(meter, "title"), content_text(meter, "id"));
	else
		doc_cell(d, "%s, unit %.0f", content_text(meter, "title"), content_number(meter, "unit"));
	doc_cell(d, "Reached at");
	doc_cell(d, "%s", content_text(meter, "target"));
	if (*content_text(site, "note")) {
		doc_cell(d, "Note");
		doc_cell(d, "%s", content_text(site, "note"));
	}
	doc_table_end(d);
	if (strncmp(content_text(meter, "target"), "sim:", 4) == 0)
		doc_para(d, DOC_WARN, "A SIMULATED METER: nothing in this report was measured.");
}

/* The data as JSON that may stand inside a script element: ASCII, and no character
 * that could end it or open another (HTML, 13.2.5.4). NULL without memory. */
static char *script_json(const json_t *data)
{
	char *plain = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
	char *out = plain ? malloc(6 * strlen(plain) + 1) : NULL, *to = out;

	for (const char *c = plain; out && *c; c++)
		if (strchr("<>&", *c))
			to += sprintf(to, "\\u%04x", (unsigned)*c);
		else
			*to++ = *c;
	if (out)
		*to = '\0';
	free(plain);
	return out;
}

static int write_html(FILE *f, const json_t *data, const char *json)
{
	char hash[SHA256_HEX + 1];
	struct doc d;

	fputs(REPORT_HEAD_HTML "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Commissioning report: ", f);
	doc_escaped(f, title_of(data));
	fprintf(f, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<header>\n<p>Commissioning report</p>\n<h1>", style);
	doc_escaped(f, title_of(data));
	fputs("</h1>\n", f);
	doc_begin(&d, f, true);
	particulars(&d, data);
	fputs("</header>\n", f);
	report_content(&d, data);
	if (doc_end(&d))
		return -1;
	fprintf(f, "<footer>\n<p>SHA-256 of the data (embedded in this file as JSON): " REPORT_HASH_HTML
		"%s</code></p>\n", report_data_hash(json, hash));
	fputs("<p>Seal of this file: " REPORT_SEAL_HTML REPORT_ZEROS "</code>, the SHA-256 of its bytes with the "
	      "digits of the seal taken as zeros. <code>meterctl report --verify FILE</code> proves it unchanged; "
	      "who wants to be sure keeps the seal somewhere else, too.</p>\n</footer>\n</main>\n", f);
	fprintf(f, REPORT_DATA_HTML "%s</script>\n</body>\n</html>\n", json);
	return 0;
}

static int write_text(FILE *f, const json_t *data, const char *json)
{
	char hash[SHA256_HEX + 1];
	struct doc d;

	doc_begin(&d, f, false);
	fputs(REPORT_HEAD_TEXT "====================\n\n", f);
	particulars(&d, data);
	report_content(&d, data);
	fprintf(f, "\nThe seal is the SHA-256 of this text with its digits taken as zeros; 'meterctl report --verify\n"
		"FILE' proves it unchanged. Data: SHA-256 of the JSON that the HTML report embeds.\n\n"
		"data %s" REPORT_SEAL_TEXT REPORT_ZEROS "\n", report_data_hash(json, hash));
	return doc_end(&d);
}

char *report_make(json_t *data, bool html, struct err *e)
{
	char *json = script_json(data), *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	int rc = -1;

	if (json && f)
		rc = html ? write_html(f, data, json) : write_text(f, data, json);
	if (f && fclose(f))
		rc = -1;
	if (rc == 0)
		rc = report_seal(text, n);
	free(json);
	if (rc == 0)
		return text;
	free(text);
	err_set(e, ERR_NO, "out of memory for the report");
	return NULL;
}

/* What tells the meter from others, for a name of a file. */
static void report_name_meter(const struct target *t, char id[64])
{
	const char *device = strrchr(t->path, '/');
	const char *from = target_is_simulated(t) ? "sim" : target_is_broker(t) ? t->mqtt.sn
		: target_is_serial(t) ? device ? device + 1 : t->path : t->host;
	size_t n = 0;

	for (; *from && n + 1 < 48; from++)
		id[n++] = ascii_alnum(*from) || *from == '.' ? *from : '-';
	id[n] = '\0';
	/* two meters on one line have an address each */
	if (!target_is_broker(t))
		snprintf(id + n, 64 - n, "-%d", t->unit);
}

const char *report_file_name(const struct target *t, int64_t wall_us, bool html, char *buf, size_t size)
{
	char id[64], date[16], again[8] = "";

	report_name_meter(t, id);
	time_format(wall_us, "%Y-%m-%d", date, sizeof(date));
	for (int i = 2; i < 1000; i++) {
		snprintf(buf, size, "report-%s-%s%s.%s", id, date, again, html ? "html" : "txt");
		if (access(buf, F_OK) != 0)
			break;
		snprintf(again, sizeof(again), "-%d", i);
	}
	return buf;
}

int report_record(const char *path, const struct record_whose *w, const char *file, const char *text,
		  const json_t *data, struct err *e)
{
	struct report_check c;
	struct record r;

	report_verify(text, strlen(text), &c);
	record_report(&r, file, c.seal, json_object_get(data, "checklist"));
	return record_keep(path, w, &r, e);
}
