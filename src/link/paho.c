#include "paho.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../value.h"

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

/* ---- the client that wakes (paho.h) ----------------------------------------- */

static MQTTAsync waker;
static int wake_fd = -1;	/* our end of its connection; -1: it has none */

#define WAKER_MS 500		/* to connect to ourselves; mostly it takes one */

static const uint8_t connack[] = { 0x20, 2, 0, 0 }, pingresp[] = { 0xD0, 0 };

/* A port of 127.0.0.1 that listens, or -1. */
static int listen_here(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 1) == 0
	    && getsockname(fd, (struct sockaddr *)&a, &len) == 0) {
		*port = ntohs(a.sin_port);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Is it really our waker that has connected, and no other program? Its CONNECT has
 * its name in it. */
static bool is_ours(int fd, const char *name)
{
	char buf[128];
	struct pollfd p = { fd, POLLIN, 0 };
	ssize_t n = poll(&p, 1, WAKER_MS) > 0 ? recv(fd, buf, sizeof(buf), MSG_DONTWAIT) : -1;

	return n > 0 && memmem(buf, (size_t)n, name, strlen(name));
}

/* The broker of the waker, as far as it needs one: an answer to its login. */
static int answer(int listener, const char *name)
{
	struct pollfd p = { listener, POLLIN, 0 };
	int fd = poll(&p, 1, WAKER_MS) > 0 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;

	if (fd < 0)
		return -1;
	/* before the question: that there is something to read makes Paho ask it now */
	if (send(fd, connack, sizeof(connack), MSG_NOSIGNAL) == sizeof(connack) && is_ours(fd, name))
		return fd;
	close(fd);
	return -1;
}

static int start_waker(const struct paho *p, struct err *e)
{
	MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
	MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer;
	uint64_t noise = (uint64_t)time_mono_us();
	char uri[40], name[40];
	int port = 1, listener = listen_here(&port), rc;

	if (getrandom(&noise, sizeof(noise), GRND_NONBLOCK) < 0)
		noise ^= (uint64_t)getpid() << 40;
	snprintf(name, sizeof(name), "waker-%016" PRIx64, noise);
	snprintf(uri, sizeof(uri), "tcp://127.0.0.1:%d", port);
	rc = p->create(&waker, uri, name, MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
	if (rc == MQTTASYNC_SUCCESS && listener >= 0) {
		connect.MQTTVersion = MQTTVERSION_3_1_1;
		connect.keepAliveInterval = 0;
		/* without it everything works, and takes a second longer */
		if (p->connect(waker, &connect) == MQTTASYNC_SUCCESS)
			wake_fd = answer(listener, name);
	}
	if (listener >= 0)
		close(listener);
	if (rc != MQTTASYNC_SUCCESS)
		return err_set(e, ERR_NO, "cannot start the MQTT library: error %d", rc);
	return 0;
}

void paho_wake_receiver(void)
{
	if (wake_fd >= 0)
		send(wake_fd, pingresp, sizeof(pingresp), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void paho_wake_sender(void)
{
	char sink[256];

	if (wake_fd < 0)
		return;
	/* what it sent before */
	while (recv(wake_fd, sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
	loaded.send(waker, "wake", 0, "", 0, 0, NULL);
}

/* ---- loading ------------------------------------------------------------------ */

static void load(void)
{
	struct sigaction pipe;
	sigset_t all, before;

	if (paho_fill(&loaded, PAHO_LIBRARY, &failed))
		return;
	sigaction(SIGPIPE, NULL, &pipe);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	start_waker(&loaded, &failed);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGPIPE, &pipe, NULL);
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
