/*
 * connect.h - what connect.c knows and connect_draw.c shows.
 */
#ifndef METERCTL_UI_SCREENS_CONNECT_H
#define METERCTL_UI_SCREENS_CONNECT_H

#include "ui/draw/list.h"

#define ENTRIES 64
#define CHOICES 64	/* more than models come along */

/* What the form can ask for. */
enum ask {
	ASK_PATH, ASK_HOST, ASK_PORT, ASK_BAUD, ASK_PARITY, ASK_STOP, ASK_RS485, ASK_UNIT,
	ASK_MQTT_PORT, ASK_TLS, ASK_SN, ASK_DIALECT, ASK_USER, ASK_WIRING, ASK_LINE, ASK_MODEL, ASK_COUNT
};

/* One thing the form can ask for. */
struct asked {
	const char *label;
	const char *choices[CHOICES];
};
extern const struct asked connect_asked[ASK_COUNT];

enum kind {
	KIND_SERIAL, KIND_OTHER, KIND_NETWORK, KIND_BROKER, KIND_SIM,
	KIND_FOUND, KIND_RECENT, KIND_SAVED	/* of which the target is known */
};

/* What it asks for an entry of that kind. */
struct form {
	const char *heading;	/* over the first entry of its sort; NULL: same */
	const char *title;	/* NULL: that of the scheme */
	enum ask ask[7];
	int n;
};
extern const struct form connect_forms[];

struct entry {
	enum kind kind;
	enum scheme scheme;	/* but for those used before and saved */
	char name[160];		/* in the list */
	char detail[TARGET_TEXT];	/* USB name, target */
	char profile[256];	/* that a saved one brings; "": none */
	bool warn;
	int y;			/* row of the body where it was drawn */
};

struct connect_state {
	struct entry entry[ENTRIES];
	int n;
	struct list list;	/* of them; which one is chosen */
	int top;		/* first line of it in sight, headings counted */
	int focus;		/* 0: the list; 1 ..: the fields of its form */
	struct field text[ASK_COUNT];
	int choice[ASK_COUNT];
	const char *models[CHOICES];
	char model[256];	/* one of them, when it is none that ships */
	char saved_model[256];	/* another, of a saved connection */
	int own_model;		/* what the choice was before a saved one brought its own, + 1; 0: it is it */
	enum { NAMING_NOT, NAMING_NAME, NAMING_REPLACE } naming;	/* a name is typed; y replaces it */
	struct field name;
	char saving[TARGET_TEXT];	/* what is to be saved */
	char name_error[ERR_TEXT];
	enum ask wrong;		/* ASK_COUNT: no field */
	bool asking;		/* whether every meter may be asked: y goes on */
	char error[ERR_TEXT];
	char broken[ERR_TEXT];	/* what is wrong with the configuration file */
	int ticks;
};

/* The form of the entry chosen. */
const struct form *connect_form(const struct connect_state *s);
/* Cells that the list takes. */
int connect_list_width(const struct ui *u);
/* Is A typed (or chosen from a list)? */
bool connect_typed(enum ask a);
/* The choice that A stands at. */
const char *connect_chosen(const struct connect_state *s, enum ask a);

/* One more entry; NULL: no room. */
struct entry *connect_add(struct connect_state *s, enum kind kind, const char *name, const char *detail);
/* The target of the form. -1: E, or the field that is wrong, says why. */
int connect_take(struct connect_state *s, struct target *t, struct err *e);
/* Nothing is wrong any more. */
void connect_forgive(struct connect_state *s);

/* connect_line.c: the meters that the last search has found, as entries; searches the line of
 * the form, or listens to it; searches every port. */
void connect_add_found(struct ui *u, struct connect_state *s);
void connect_use_line(struct ui *u, struct connect_state *s, bool listens);
void connect_find_all(struct ui *u);

/* Another entry is chosen: the model is that which it brings, or the form's own. */
void connect_follow_entry(struct connect_state *s);
/* Asks for a name to save T as, the connection in the form. */
void connect_name(struct connect_state *s, const struct target *t);
/* A key while one is typed. True: something was saved. */
bool connect_name_key(struct ui *u, struct connect_state *s, int key);
void connect_draw_name(const struct ui *u, WINDOW *w, int y, const struct connect_state *s);

void connect_draw(struct ui *u, void *state, WINDOW *w);

#endif
