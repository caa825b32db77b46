"""A TLS port in front of a broker, which tells what it was offered.

tls_listener.py CERT KEY BROKER [NAME=VALUE ...]: listens on a free port of 127.0.0.1, says
"ready PORT", and passes on to the port BROKER what comes inside TLS. A line for each handshake:
"offered SNI ALPN CLIENT", "-" where there is none: the host name asked for, the protocol that
was agreed on, the common name of the client's certificate; or "failed REASON".

  ca=FILE       demands a client certificate by this authority
  alpn=A,B      the protocols it knows
  max=1.0       the newest version of TLS it speaks
"""
import select
import socket
import ssl
import sys
import threading


def pump(inner, outer):
    """Both ways, until one side ends."""
    while True:
        ready = [inner] if inner.pending() else select.select([inner, outer], [], [])[0]
        for sock, other in ((inner, outer), (outer, inner)):
            if sock in ready:
                data = sock.recv(65536)
                if not data:
                    return
                other.sendall(data)


def serve(sock, context, asked, broker):
    """One client; one that connects and says nothing is not told of."""
    try:
        if not sock.recv(1, socket.MSG_PEEK):
            return
        inner = context.wrap_socket(sock, server_side=True)
    except OSError as error:
        print("failed", getattr(error, "reason", None) or error, flush=True)
        return
    finally:
        sock.close()
    subject = dict(pair[0] for pair in (inner.getpeercert() or {}).get("subject", ()))
    print("offered", asked.pop(inner, None) or "-", inner.selected_alpn_protocol() or "-",
          subject.get("commonName", "-"), flush=True)
    try:
        with inner, socket.create_connection(("127.0.0.1", broker)) as outer:
            pump(inner, outer)
    except OSError:
        pass


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    options = dict(word.split("=", 1) for word in sys.argv[4:])
    if "ca" in options:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(options["ca"])
    if "alpn" in options:
        context.set_alpn_protocols(options["alpn"].split(","))
    if options.get("max") == "1.0":
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
    asked = {}
    context.sni_callback = lambda sock, name, _: asked.update({sock: name})
    server = socket.create_server(("127.0.0.1", 0))
    print("ready", server.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=serve, args=(server.accept()[0], context, asked, int(sys.argv[3])), daemon=True).start()


main()
