#include "running.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/thread.h"

/* What waits to be taken: so much, and a command that prints faster waits. */
#define AHEAD 262144

struct running_own {
	struct running_place place;
	struct app_host host;
	char *words;			/* all of ARGV's text, */
	char *connect, *profile;	/* ... and of the options that the screens go on changing */
	pthread_t thread;
	bool started;
	int wake_fd, cancel_fd;
	struct link *borrowed;		/* from the bus; NULL: nothing. The command's thread's, as ... */
	struct trace_sink frames;	/* ... what hands its frames on to the screens */
	FILE *stream;			/* the command's out and err */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	char *text;			/* printed, and not taken yet */
	size_t n, room;
	char question[200];
	bool answered, yes;
	bool cancelled, ended;
	int status;
	struct err err;
};

/* ---- what the command sees: on its thread ----------------------------------- */

static void running_wake(struct running_own *o)
{
	uint64_t one = 1;

	/* EAGAIN: it is readable already */
	while (write(o->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static ssize_t running_write(void *arg, const char *bytes, size_t n)
{
	struct running_own *o = ((struct running *)arg)->own;
	ssize_t done = 0;

	pthread_mutex_lock(&o->lock);
	while (o->n > AHEAD && !o->cancelled)
		pthread_cond_wait(&o->changed, &o->lock);
	if (o->n + n > o->room) {
		char *more = realloc(o->text, o->n + n + 4096);

		if (more) {
			o->text = more;
			o->room = o->n + n + 4096;
		}
	}
	if (o->n + n <= o->room) {
		memcpy(o->text + o->n, bytes, n);
		o->n += n;
		done = (ssize_t)n;
	}
	pthread_mutex_unlock(&o->lock);
	running_wake(o);
	return done;
}

static int running_borrow(void *arg, const struct target *t, struct link **link, struct err *e)
{
	struct running *r = arg;
	struct running_own *o = r->own;
	const struct link_opts opts = app_link_opts(&r->app);
	int rc = o->place.bus ? bus_borrow(o->place.bus, t, o->cancel_fd, link, e) : 0;

	if (rc <= 0)
		return rc;
	/* what --trace shows, the screens go on seeing */
	if (r->app.trace.first && !o->frames.frame) {
		o->frames = (struct trace_sink){ .frame = bus_show_frame, .arg = o->place.bus };
		trace_add(&r->app.trace, &o->frames);
	}
	o->borrowed = *link;
	link_tune(o->borrowed, &opts);
	return rc;
}

static void running_give_back(void *arg)
{
	struct running_own *o = ((struct running *)arg)->own;

	link_tune(o->borrowed, NULL);
	o->borrowed = NULL;
	bus_give_back(o->place.bus);
}

static int running_password(void *arg, const struct target *t, char **out, struct err *e)
{
	const struct running_place *p = &((struct running *)arg)->own->place;

	*out = NULL;
	return p->password ? p->password(p->arg, t, out, e) : 0;
}

static bool running_confirm(void *arg, const char *question)
{
	struct running_own *o = ((struct running *)arg)->own;
	bool yes;

	fflush(o->stream);
	pthread_mutex_lock(&o->lock);
	snprintf(o->question, sizeof(o->question), "%s", question);
	o->answered = o->yes = false;
	running_wake(o);
	while (!o->answered && !o->cancelled)
		pthread_cond_wait(&o->changed, &o->lock);
	o->question[0] = '\0';
	yes = o->yes && !o->cancelled;
	pthread_mutex_unlock(&o->lock);
	return yes;
}

static int running_help(struct app *a, int argc, char **argv, struct err *e)
{
	(void)argc;
	(void)argv;
	(void)e;
	cmd_print_help(((struct running *)a->host->arg)->cmd, a->out);
	return 0;
}

/* A command that opens ports by itself: the bus lets go of its line meanwhile. */
static int running_alone(struct app *a, int argc, char **argv, struct err *e)
{
	struct running *r = a->host->arg;
	struct bus *b = r->own->place.bus;
	int rc;

	if (!b)
		return r->cmd->run(a, argc, argv, e);
	if (bus_park(b, r->own->cancel_fd, e))
		return -1;
	rc = r->cmd->run(a, argc, argv, e);
	bus_unpark(b);
	return rc;
}

static void *running_run(void *arg)
{
	struct running *r = arg;
	struct running_own *o = r->own;
	struct err e = { 0 };
	int status = cmd_run(&r->app, r->app.help ? running_help : r->cmd->own_lines ? running_alone : r->cmd->run,
			     r->argc, r->argv, &e);

	fflush(o->stream);
	pthread_mutex_lock(&o->lock);
	o->status = status;
	o->err = e;
	o->ended = true;
	running_wake(o);
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

/* ---- what the screens see ------------------------------------------------------ */

static void running_release(struct running *r)
{
	struct running_own *o = r->own;

	cmd_release(&r->app);
	free(r->argv);
	if (o) {
		if (o->stream)
			fclose(o->stream);
		if (o->wake_fd >= 0)
			close(o->wake_fd);
		if (o->cancel_fd >= 0)
			close(o->cancel_fd);
		pthread_cond_destroy(&o->changed);
		pthread_mutex_destroy(&o->lock);
		free(o->words);
		free(o->connect);
		free(o->profile);
		free(o->text);
	}
	free(o);
	free(r);
}

/* ARGV behind the program's name, and what the options begin with, in memory of R's own. */
static int running_copy(struct running *r, int argc, char *const *argv)
{
	size_t n = 0;
	char *at;

	for (int i = 0; i < argc; i++)
		n += strlen(argv[i]) + 1;
	r->own->profile = strdup(r->app.profile);
	r->own->connect = r->app.connect ? strdup(r->app.connect) : NULL;
	if (!r->own->profile || (r->app.connect && !r->own->connect))
		return -1;
	r->app.profile = r->own->profile;
	r->app.connect = r->own->connect;
	r->own->words = at = malloc(n + 1);
	r->argv = calloc((size_t)argc + 2, sizeof(*r->argv));
	if (!at || !r->argv)
		return -1;
	r->argv[0] = (char *)"meterctl";
	for (int i = 0; i < argc; i++) {
		r->argv[i + 1] = at;
		at = stpcpy(at, argv[i]) + 1;
	}
	r->argc = argc + 1;
	return 0;
}

struct running *running_new(const struct app *a, int argc, char *const *argv, struct err *e)
{
	struct running *r = calloc(1, sizeof(*r));
	struct running_own *o = r ? calloc(1, sizeof(*o)) : NULL;

	if (!o) {
		free(r);
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	r->app = *a;
	r->own = o;
	o->wake_fd = o->cancel_fd = -1;
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->changed, NULL);
	if (running_copy(r, argc, argv)) {
		err_set(e, ERR_NO, "out of memory");
	} else if (cmd_parse(&r->app, &r->argc, r->argv, &r->cmd, e) == 0) {
		r->argv[r->argc] = NULL;
		return r;
	}
	running_release(r);
	return NULL;
}

int running_start(struct running *r, const struct running_place *p, struct err *e)
{
	static const cookie_io_functions_t stream = { .write = running_write };
	struct running_own *o = r->own;

	o->place = *p;
	o->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	o->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	o->stream = fopencookie(r, "w", stream);
	if (o->wake_fd < 0 || o->cancel_fd < 0 || !o->stream)
		return err_set(e, ERR_NO, "cannot run it: %s", strerror(errno));
	setvbuf(o->stream, NULL, _IOLBF, 0);
	o->host = (struct app_host){
		.on_screen = true,
		.borrow = running_borrow, .give_back = running_give_back,
		.password = running_password, .confirm = running_confirm, .arg = r,
	};
	r->app.out = r->app.err = o->stream;
	r->app.attended = r->app.asks = true;
	r->app.redraws = false;
	r->app.host = &o->host;
	r->app.cancel_fd = o->cancel_fd;
	if (thread_start(&o->thread, running_run, r))
		return err_set(e, ERR_NO, "cannot start a thread for it");
	o->started = true;
	return 0;
}

int running_fd(const struct running *r)
{
	return r->own->wake_fd;
}

void running_take(struct running *r, struct running_news *news)
{
	struct running_own *o = r->own;
	uint64_t count;

	while (read(o->wake_fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	*news = (struct running_news){ 0 };
	pthread_mutex_lock(&o->lock);
	if (o->n > 0) {
		news->text = o->text;
		news->n = o->n;
		o->text = NULL;
		o->n = o->room = 0;
	}
	if (!o->answered)
		memcpy(news->question, o->question, sizeof(news->question));
	news->ended = o->ended;
	news->status = o->status;
	news->err = o->err;
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
}

void running_answer(struct running *r, bool yes)
{
	struct running_own *o = r->own;

	pthread_mutex_lock(&o->lock);
	if (o->question[0] && !o->answered) {
		o->answered = true;
		o->yes = yes;
		pthread_cond_broadcast(&o->changed);
	}
	pthread_mutex_unlock(&o->lock);
}

void running_cancel(struct running *r)
{
	struct running_own *o = r->own;

	if (!o->started)
		return;
	/* the link before the question: who is told no looks there for why */
	cancel_raise(o->cancel_fd);
	if (o->place.bus)
		bus_interrupt(o->place.bus);
	pthread_mutex_lock(&o->lock);
	o->cancelled = true;
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
}

bool running_free(struct running *r, long parting_ms)
{
	if (!r)
		return true;
	if (r->own->started) {
		running_cancel(r);
		if (!thread_part(r->own->thread, parting_ms))
			return false;
	}
	running_release(r);
	return true;
}
