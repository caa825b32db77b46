#include "paho.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct paho loaded;
static struct err failed;

int paho_fill(struct paho *p, const char *file, struct err *e)
{
	/* never closed: its threads live as long as the process */
	void *lib = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	void *at;

	if (!lib)
		return err_set(e, ERR_NO, "cannot load %s (install the package " PAHO_PACKAGE ")",
			       dlerror());
#define X(ours, theirs) \
	at = dlsym(lib, #theirs); \
	if (!at) \
		return err_set(e, ERR_NO, "'%s' has no " #theirs " (install the package " \
			       PAHO_PACKAGE ", 1.3.9 or newer)", file); \
	memcpy(&p->ours, &at, sizeof(at));
	PAHO_FUNCTIONS(X)
#undef X
	return 0;
}

/* The client that is never the last to go: see paho.h. */
static int anchor(const struct paho *p, struct err *e)
{
	static MQTTAsync handle;
	MQTTAsync_createOptions o = MQTTAsync_createOptions_initializer;
	struct sigaction before;
	int rc;

	sigaction(SIGPIPE, NULL, &before);
	rc = p->create(&handle, "tcp://127.0.0.1:1", "meterctl", MQTTCLIENT_PERSISTENCE_NONE,
		       NULL, &o);
	sigaction(SIGPIPE, &before, NULL);
	if (rc != MQTTASYNC_SUCCESS)
		return err_set(e, ERR_NO, "cannot start the MQTT library: error %d", rc);
	return 0;
}

static void load(void)
{
	if (paho_fill(&loaded, PAHO_LIBRARY, &failed) == 0)
		anchor(&loaded, &failed);
}

const struct paho *paho_load(struct err *e)
{
	pthread_once(&once, load);
	if (failed.code == ERR_NONE)
		return &loaded;
	if (e)
		*e = failed;
	return NULL;
}
