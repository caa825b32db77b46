#include "paho.h"

#include <MQTTAsync.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct err failed;

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

/* The broker of the waker, as far as it needs one: an answer to its login, before the
 * question, because that there is something to read makes Paho ask it now. Were it
 * another program that has connected, it would get a few bytes, and nobody be woken. */
static int answer(int listener)
{
	struct pollfd p = { listener, POLLIN, 0 };
	int fd = poll(&p, 1, WAKER_MS) > 0 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;

	if (fd >= 0)
		send(fd, connack, sizeof(connack), MSG_NOSIGNAL);
	return fd;
}

static int start_waker(struct err *e)
{
	MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
	MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer;
	int port = 1, listener = listen_here(&port), rc;
	char uri[40];

	snprintf(uri, sizeof(uri), "tcp://127.0.0.1:%d", port);
	rc = MQTTAsync_createWithOptions(&waker, uri, "waker", MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
	if (rc == MQTTASYNC_SUCCESS && listener >= 0) {
		connect.MQTTVersion = MQTTVERSION_3_1_1;
		connect.keepAliveInterval = 0;
		/* without it everything works, and takes a second longer */
		if (MQTTAsync_connect(waker, &connect) == MQTTASYNC_SUCCESS)
			wake_fd = answer(listener);
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
	MQTTAsync_send(waker, "wake", 0, "", 0, 0, NULL);
}

static void paho_start_once(void)
{
	struct sigaction pipe;
	sigset_t all, before;

	sigaction(SIGPIPE, NULL, &pipe);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* Paho takes them for every connection, one to this machine too, and knows no
	 * no_proxy; proxy= is the way to say it */
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	start_waker(&failed);
	/* else it formats what nobody reads: a third of its time for each message */
	MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGPIPE, &pipe, NULL);
}

int paho_start(struct err *e)
{
	pthread_once(&once, paho_start_once);
	if (failed.code == ERR_NONE)
		return 0;
	if (e)
		*e = failed;
	return -1;
}
