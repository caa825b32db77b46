"""A small proxy: CONNECT and nothing else.

proxy_connect.py LOG: listens on a free port of 127.0.0.1, says "ready PORT", and writes where
it was asked to lead into LOG, a line each.
"""
import socket
import sys
import threading


def pump(source, sink):
    try:
        while data := source.recv(4096):
            sink.sendall(data)
    except OSError:
        pass
    for sock in (source, sink):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(sock, log):
    head = b""
    while b"\r\n\r\n" not in head:
        data = sock.recv(4096)
        if not data:
            return
        head += data
    verb, where = head.split(b" ")[:2]
    print(verb.decode(), where.decode(), file=log, flush=True)
    if verb != b"CONNECT":
        sock.sendall(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
        return
    host, port = where.decode().rsplit(":", 1)
    other = socket.create_connection((host, int(port)))
    sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=pump, args=(other, sock), daemon=True).start()
    pump(sock, other)


def main():
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(8)
    print("ready", server.getsockname()[1], flush=True)
    with open(sys.argv[1], "a", encoding="ascii") as log:
        while True:
            threading.Thread(target=serve, args=(server.accept()[0], log), daemon=True).start()


main()
